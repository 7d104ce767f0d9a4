"""Light programmes, the schedules that carry them, and the nights they make."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

WallTime = Annotated[str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Level = Annotated[int, msgspec.Meta(ge=0, le=100)]
OffsetMin = Annotated[int, msgspec.Meta(ge=-180, le=180)]
MOST_STEPS: Final = 12


class Step(msgspec.Struct, frozen=True):
    """From a wall time of the programme's zone on ("22:00"), lamps give a level in percent of full light."""

    at: WallTime
    level: Level


class Programme(msgspec.Struct, frozen=True):
    """The light programme as controllers take it: on at sunset and off at sunrise, each with an offset in minutes.

    Full light until the first step of the night; each step holds until the next. `zone` is an IANA name.
    """

    on_offset_min: OffsetMin = 0
    off_offset_min: OffsetMin = 0
    steps: Annotated[tuple[Step, ...], msgspec.Meta(max_length=MOST_STEPS)] = ()
    zone: str = "UTC"


class Switch(NamedTuple):
    """From a moment (aware, UTC) on the level is this, in percent."""

    at: datetime
    level: int


class Night(msgspec.Struct, frozen=True):
    """One night of a programme at a place: it belongs to a date and runs from that day's noon to the next, local time.

    `switches` are in order of time; the first stands at `begin` and the level of the last holds until `end`. `sunset`
    or `sunrise` is None where the sun doesn't cross the horizon before or after this night's midnight of the sun. All
    times are aware UTC.
    """

    day: date
    begin: datetime
    end: datetime
    sunset: datetime | None
    sunrise: datetime | None
    switches: tuple[Switch, ...]


class Override(NamedTuple):
    """Lamps (indices into the fleet's arrays) were commanded a level in percent at a moment, until another or None."""

    lamps: npt.NDArray[np.intp]
    level: float
    begin: datetime
    until: datetime | None


class Compliance(msgspec.Struct, frozen=True):
    """Of so many lamp-minutes that were judged, so many had the level that was wanted."""

    judged: int
    within: int

    @property
    def share(self) -> float | None:
        """The share that had it, 0 to 1; None where nothing could be judged."""
        return self.within / self.judged if self.judged else None


class Scope(StrEnum):
    """What a schedule or an exception is for, from the widest to the narrowest."""

    CITY = "city"
    PROGRAMME = "programme"
    STREET = "street"
    CABINET = "cabinet"


class Cabinet(msgspec.Struct, frozen=True):
    """A control cabinet, and what decides its schedule: its serial, its street's slug and its programme's key.

    `lamps` says how many lamps it feeds, `street_name` and `programme_name` what people call these.
    """

    id: int
    name: str
    serial: str
    street: str
    programme: str
    lon: float | None
    lat: float | None
    street_name: str = ""
    programme_name: str = ""
    lamps: int = 0


class Schedule(msgspec.Struct, frozen=True):
    """A named programme; one schedule at most is the default of the whole city."""

    id: int
    name_vi: str
    name_en: str
    programme: Programme
    is_default: bool

    def name(self, language: str) -> str:
        """Give the name in a language: Vietnamese for "vi", English for any other."""
        return self.name_vi if language == "vi" else self.name_en


class Assignment(msgspec.Struct, frozen=True):
    """A schedule is for a programme's key, a street's slug or a cabinet's serial, as `scope` says."""

    id: int
    schedule_id: int
    scope: Scope
    key: str


class Recurrence(StrEnum):
    """How an exception comes back: never, each year by the calendar of months, or with a public holiday."""

    ONCE = "once"
    YEARLY = "yearly"
    HOLIDAY = "holiday"


class CalendarException(msgspec.Struct, frozen=True):
    """Nights that have another schedule than usual; without one, lamps burn fully from dusk to dawn.

    ONCE and YEARLY: from the night of `first` to that of `last`; YEARLY takes month and day alone, and may cross the
    end of a year. HOLIDAY: `nights` nights, the first of them `offset` days from the first day of `holiday`, a name in
    the calendar of the city's country. `key` is "" for the whole city.
    """

    id: int
    scope: Scope
    key: str
    schedule_id: int | None
    recurrence: Recurrence
    reason: str
    first: date | None = None
    last: date | None = None
    holiday: str = ""
    offset: int = 0
    nights: int = 1


class Source(StrEnum):
    """Why a cabinet has the programme it has on a night."""

    EXCEPTION = "exception"
    ASSIGNMENT = "assignment"
    DEFAULT = "default"
    DEVICE = "device"


class Choice(msgspec.Struct, frozen=True):
    """The programme for a night, and why: which schedule (None for none of the city's), which exception's reason."""

    programme: Programme
    source: Source
    schedule_id: int | None = None
    reason: str = ""


class Acknowledgement(NamedTuple):
    """A cabinet's controller said at a moment that it runs this programme."""

    cabinet_id: int
    programme: Programme
    at: datetime


class Due(msgspec.Struct, frozen=True):
    """A cabinet that needs another programme sent; `acknowledged` is what it has, None if it never said."""

    cabinet_id: int
    serial: str
    programme: Programme
    acknowledged: Programme | None


class Overview(msgspec.Struct, frozen=True):
    """All schedules, for whom and when they hold, and what follows for each cabinet on the night of a date."""

    night: date
    schedules: tuple[Schedule, ...]
    assignments: tuple[Assignment, ...]
    exceptions: tuple[CalendarException, ...]
    choices: tuple[tuple[Cabinet, Choice], ...]
    due: tuple[Due, ...]
