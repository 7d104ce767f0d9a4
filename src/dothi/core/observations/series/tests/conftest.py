"""The fixtures of the tests of series."""

from dothi.core.observations.series.tests.days import emptied, lamps

__all__ = ["emptied", "lamps"]
