"""What the simulator itself knows to be true, as JSON lines: every detector can be scored against it."""

import json
from datetime import datetime
from pathlib import Path


class Truth:
    """Notes each time a lamp is switched; without a file it notes nothing."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._lit: bool | None = None

    def note(self, *, serial: str, at: datetime, lit: bool) -> None:
        """Note whether a lamp is lit, if that has changed."""
        if lit == self._lit:
            return
        self._lit = lit
        if self._file is None:
            return
        line = {"serial": serial, "at": at.isoformat(), "event": "on" if lit else "off"}
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.open("a", encoding="utf-8") as lines:
            lines.write(json.dumps(line) + "\n")
