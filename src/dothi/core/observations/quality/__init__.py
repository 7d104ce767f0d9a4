"""QARTOD's flags: which tests the results of a Datastream are put to, and what comes of it."""

from dothi.core.observations.quality.judge import Judge
from dothi.core.observations.quality.rules import check, check_properties

__all__ = ["Judge", "check", "check_properties"]
