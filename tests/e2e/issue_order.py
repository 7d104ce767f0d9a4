"""Issues one work order as an operator does, in a process of its own: `python -m tests.e2e.issue_order TITLE`."""

import json
import sys
from datetime import timedelta

from dothi.config import process
from dothi.kernel import clock


def main(title: str) -> None:
    """Issue an order for the first Thing, and print its id."""
    process.prepare()
    from dothi.core.accounts.types import SYSTEM  # noqa: PLC0415 (needs Django to be set up)
    from dothi.core.incidents import service  # noqa: PLC0415
    from dothi.core.incidents.types import NewOrder  # noqa: PLC0415

    new = NewOrder(
        title=title,
        task="Kiểm tra tủ\nThay cầu chì",
        priority=2,
        department="CS",
        thing_id=1,
        deadline=clock.now() + timedelta(hours=4),
    )
    print(json.dumps({"id": service.issue(SYSTEM, new).id}))


if __name__ == "__main__":
    main(sys.argv[1])
