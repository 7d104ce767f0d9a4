"""What lighting looks at in the worker: faults in what lamps say, and what became of what they were told."""

from time import monotonic
from typing import Final

from dothi.domains.lighting.service import commands, programmes
from dothi.domains.lighting.service.watching import LampWatch

__all__ = ["CommandWatch", "LampWatch"]

PROGRAMMES_EVERY_S: Final = 15.0
"""Wall seconds after which a changed schedule goes out."""


class CommandWatch:
    """Raises alarms for commands that nobody answers, and brings cabinets the programme of the night."""

    def __init__(self) -> None:
        self._brought_at = -PROGRAMMES_EVERY_S

    def look(self) -> None:
        """Look once."""
        commands.settle()
        if monotonic() - self._brought_at >= PROGRAMMES_EVERY_S:
            self._brought_at = monotonic()
            programmes.bring()
