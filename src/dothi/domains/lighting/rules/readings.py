"""What a lamp's readings mean: pure functions, without a database or a clock."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from dothi.core.live import rules as live
from dothi.core.live.types import FeatureState
from dothi.core.observations.series.types import NamedThing, Newest
from dothi.core.observations.types import Reading, ThingReading
from dothi.domains.lighting.types import Lamp, LampState

POWER: Final = "power"
LIGHT_LEVEL: Final = "light level"
ENERGY: Final = "energy"
STREAMS: Final = (POWER, LIGHT_LEVEL, ENERGY)
"""What pages of many lamps read of each."""
POWER_UNIT: Final = "W"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ON_ABOVE_W: Final = 5.0
"""A lamp that draws more gives light: a dark lamp's driver and controller draw a few watts at most."""


def describe_lamp(readings: Mapping[str, Reading]) -> FeatureState:
    """Say what the map shows of a lamp: its state by the power it draws, and that power in watts."""
    power_w = _value(readings, POWER)
    return FeatureState(state=_state_at(power_w).value, value=power_w, unit=POWER_UNIT)


def lamp_of(thing: ThingReading, *, now: datetime, late_after_s: float) -> Lamp:
    """Read a Thing of kind Streetlight as a lamp."""
    return _lamp(
        NamedThing(thing.id, thing.name, dict(thing.properties)),
        power_w=_value(thing.readings, POWER),
        level=_value(thing.readings, LIGHT_LEVEL),
        observed_at=live.newest_at(thing.readings),
        now=now,
        late_after_s=late_after_s,
    )


def lamps_of(newest: Newest, *, now: datetime, late_after_s: float) -> list[Lamp]:
    """Read Things of kind Streetlight as lamps; the readings are those of `STREAMS`, in that order."""
    times = newest.times.max(axis=1, initial=0).tolist()
    columns = zip(newest.things, newest.results.tolist(), newest.streams.tolist(), times, strict=True)
    return [
        _lamp(
            thing,
            power_w=_number(results[0]),
            level=_number(results[1]),
            observed_at=_EPOCH + timedelta(microseconds=at) if at else None,
            energy_stream=streams[2] or None,
            now=now,
            late_after_s=late_after_s,
        )
        for thing, results, streams, at in columns
    ]


def _lamp(
    thing: NamedThing,
    *,
    power_w: float | None,
    level: float | None,
    observed_at: datetime | None,
    now: datetime,
    late_after_s: float,
    energy_stream: int | None = None,
) -> Lamp:
    told = thing.properties
    rated = told.get("rated_power_w")
    return Lamp(
        id=thing.id,
        name=thing.name,
        state=_state_at(power_w),
        power_w=power_w,
        light_level_percent=level,
        observed_at=observed_at,
        is_late=live.is_late(observed_at, now=now, late_after_s=late_after_s),
        simulated=bool(told.get("simulated")),
        serial=text_of(told, "serial"),
        street=text_of(told, "street"),
        street_name=text_of(told, "street_name") or text_of(told, "street"),
        cabinet=text_of(told, "cabinet"),
        phase=text_of(told, "phase"),
        programme=text_of(told, "programme"),
        programme_name=programme_of(told),
        rated_power_w=float(rated) if isinstance(rated, int | float) else None,
        energy_stream=energy_stream,
    )


def text_of(properties: Mapping[str, object], name: str) -> str:
    """Give a text that a device registered, "" for none."""
    value = properties.get(name)
    return value if isinstance(value, str) else ""


def programme_of(told: Mapping[str, object]) -> str:
    """Give what people call the programme that a device registered: its name, or else its key."""
    return text_of(told, "programme_name") or text_of(told, "programme")


def _number(value: float) -> float | None:
    return None if value != value else value


def _state_at(power_w: float | None) -> LampState:
    if power_w is None:
        return LampState.UNKNOWN
    return LampState.ON if power_w > ON_ABOVE_W else LampState.OFF


def _value(readings: Mapping[str, Reading], datastream: str) -> float | None:
    reading = readings.get(datastream)
    return reading.value if reading else None
