"""The fixtures of the tests of work orders."""

from dothi.core.alarms.tests.raising import alarm_rules
from dothi.core.incidents.tests.ordering import media

__all__ = ["alarm_rules", "media"]
