"""Waiting on a condition with a bound, never for a guessed time."""

import time
from collections.abc import Callable
from typing import Final

PATIENCE_S: Final = 90.0


def wait_for(
    condition: Callable[[], bool], what: str, *, within_s: float = PATIENCE_S, tell: Callable[[], object] = str
) -> None:
    """Wait until a condition holds; fails the test with `what`, and what `tell` gives then, if it does not."""
    end = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"not within {within_s:g} s: {what}; {tell()}")
        time.sleep(0.1)  # noqa: TID251 # between two looks
