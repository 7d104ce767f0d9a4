"""What a house rule reports: where a rule is broken, and how."""

from typing import NamedTuple


class Finding(NamedTuple):
    """One broken rule; `path` is relative to the project's root and `line` counts from 1."""

    path: str
    line: int
    message: str
