"""The permissions of places, and the day and moment that a question is about."""

from datetime import date
from typing import Final

from django.utils import timezone

from dothi.core.places.types import AsOf
from dothi.kernel import clock

VIEW: Final = "places.area.view"
IMPORT: Final = "places.area.import"


def today() -> date:
    """Give the city's day."""
    return timezone.localdate(clock.now())


def as_of(day: date | None) -> AsOf:
    """Give a day, today for None, as is known now."""
    return AsOf(day or today())
