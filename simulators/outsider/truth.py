"""What the simulator itself knows to be true, as JSON lines: every detector can be scored against it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any


class Truth:
    """Appends lines to a file; without one it drops them."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def note(self, lines: Iterable[dict[str, Any]]) -> None:
        """Write what became true."""
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        if self._file is None or not text:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as file:
            file.write(text)
