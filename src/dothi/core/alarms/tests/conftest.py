"""The fixtures of the tests of alarms."""

from dothi.core.alarms.tests.raising import alarm_rules

__all__ = ["alarm_rules"]
