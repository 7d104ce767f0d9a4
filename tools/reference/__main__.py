"""Writes docs/reference from the code, or with --check says what differs: `python -m tools.reference`."""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path.cwd()


def main() -> int:
    """Write or compare the pages. Returns 1 when a page differs or something in the code is unexplained."""
    parser = argparse.ArgumentParser(prog="tools.reference", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; say what differs")
    parser.add_argument("--gather", action="store_true", help="copy the packages' own pages to docs/domains and stop")
    options = parser.parse_args()
    from tools.reference import pages  # noqa: PLC0415 (imports the product, which --help does without)

    if options.gather:
        pages.gather(ROOT, site=ROOT)
        return 0
    faults = pages.faults()
    if options.check:
        faults += pages.differences(ROOT)
    else:
        pages.write(ROOT)
    print("\n".join(faults), end="\n" if faults else "")
    return 1 if faults else 0


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dothi.config.settings")
    sys.exit(main())
