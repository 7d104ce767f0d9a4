"""The lamps and cabinets of the record as the arrays that detection works on, and where their readings go in them."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from django.conf import settings

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations import service as observations
from dothi.core.observations.series import service as series
from dothi.core.observations.series.types import StreamsOfThing, Window
from dothi.domains.lighting.rules.expectation import Places
from dothi.domains.lighting.service.lamps import LAMPS
from dothi.domains.lighting.service.schedules import CABINET_KIND
from dothi.domains.lighting.types.detection import CabinetSample, Floats, Ints, Sample, Sites

PHASES: Final = "ABC"
LAMP_FIELDS: Final = ("power", "light level", "voltage", "flags")
"""In the order of `Sample`."""
CABINET_FIELDS: Final = tuple(f"{kind} {phase}" for kind in ("voltage", "current") for phase in PHASES)


AHEAD: Final = 20
"""Of so many cabinets, one may be ahead of time."""


class _Streams(NamedTuple):
    """Datastreams in the order of their ids: which field each is, and which lamp's or cabinet's."""

    id: Ints
    field: Ints
    owner: Ints

    def place(self, window: Window, fields: int, owners: int) -> Floats:
        """Give the readings as an array [fields, owners], NaN where there is none; of several the newest."""
        found = np.full((fields, owners), np.nan)
        if len(self.id):
            at = np.searchsorted(self.id, window.datastream_id).clip(max=len(self.id) - 1)
            known = self.id[at] == window.datastream_id
            found[self.field[at[known]], self.owner[at[known]]] = window.result[known]
        return found


class Registry(NamedTuple):
    """What stands where: `sites` for detection, and the Datastreams that fill its samples.

    A lamp that names no cabinet that is there counts as a cabinet of its own, that only it is silent with.
    """

    sites: Sites
    places: Places
    lamp_streams: _Streams
    cabinet_streams: _Streams

    @property
    def index_of(self) -> Mapping[int, int]:
        """The place of each lamp in the arrays, by its Thing."""
        return {thing_id: place for place, thing_id in enumerate(self.sites.lamp_id.tolist())}

    def sample(self, lamps: Window, cabinets: Window) -> Sample:
        """Give a minute's readings as detection takes them."""
        power_w, level_percent, voltage_v, flags = self.lamp_streams.place(
            lamps, len(LAMP_FIELDS), len(self.sites.lamp_id)
        )
        return Sample(power_w, level_percent, voltage_v, flags, *self._cabinets(cabinets))

    def messages(
        self, newest: Window, heard_us: Ints, until_us: int, window_us: int
    ) -> tuple[list[CabinetSample], Ints]:
        """Give what cabinets have said since they were last heard, and when each has been heard now.

        Times are microseconds since 1970; `heard_us` is [c]. What a cabinet says comes as several messages: they are
        gathered until they are older than `until_us`, and what did not come within `window_us` of the newest is NaN,
        for of a sag the currents may be new and the voltages from before it.
        """
        times = self._times(newest)
        spoke_us = times.max(axis=0)
        is_new = (spoke_us > heard_us) & (spoke_us <= until_us)
        voltage_v, current_a = self._cabinets(newest)
        is_old = (times < spoke_us - window_us).T
        values = np.where(is_old, np.nan, np.hstack([voltage_v, current_a]))
        found = [
            CabinetSample(owner, values[owner, :3], values[owner, 3:]) for owner in np.flatnonzero(is_new).tolist()
        ]
        return found, np.where(is_new, spoke_us, heard_us)

    def reached_us(self, newest: Window) -> int | None:
        """Give up to when what cabinets said has come, in microseconds since 1970; None where none ever spoke.

        One in twenty is not believed: its clock may be ahead of the others'.
        """
        spoke_us = self._times(newest).max(axis=0)
        known = np.sort(spoke_us[spoke_us > 0])
        return int(known[-1 - len(known) // AHEAD]) if len(known) else None

    def _times(self, newest: Window) -> Ints:
        """Give when each cabinet last said each of its figures, [fields, c]; 0 for never."""
        streams = self.cabinet_streams
        at = np.searchsorted(streams.id, newest.datastream_id)
        times = np.zeros((len(CABINET_FIELDS), len(self.sites.cabinet_id)), np.int64)
        times[streams.field[at], streams.owner[at]] = newest.phenomenon_time
        return times

    def _cabinets(self, window: Window) -> tuple[Floats, Floats]:
        found = self.cabinet_streams.place(window, len(CABINET_FIELDS), len(self.sites.cabinet_id))
        return found[:3].T, found[3:].T


def read_registry() -> Registry:
    """Read which lamps and cabinets there are. Four queries at most."""
    lamps = series.list_streams(SYSTEM, kind=LAMPS.kind)
    cabinets = series.list_streams(SYSTEM, kind=CABINET_KIND)
    at = {str(cabinet.properties.get("serial")): place for place, cabinet in enumerate(cabinets)}
    alone = [lamp for lamp in lamps if str(lamp.properties.get("cabinet")) not in at]
    own = {lamp.id: len(cabinets) + place for place, lamp in enumerate(alone)}
    cabinet_of = np.array([own.get(lamp.id, at.get(str(lamp.properties.get("cabinet")), 0)) for lamp in lamps], int)
    owners = [*cabinets, *alone]
    sites = Sites(
        lamp_id=np.array([lamp.id for lamp in lamps], np.int64),
        cabinet_id=np.array([owner.id for owner in owners], np.int64),
        cabinet=cabinet_of,
        phase=np.array([_phase(lamp) for lamp in lamps], np.int64),
        rated_w=np.array([_number(lamp, "rated_power_w") for lamp in lamps], float),
    )
    return Registry(
        sites, _places(cabinets, alone), _streams(lamps, LAMP_FIELDS), _streams(cabinets, CABINET_FIELDS)
    )  # fmt: skip


def _places(cabinets: Sequence[StreamsOfThing], alone: Sequence[StreamsOfThing]) -> Places:
    """Give where cabinets stand, and lamps without one; what has no place stands at the city's centre."""
    kinds = [kind for kind, things in ((CABINET_KIND, cabinets), (LAMPS.kind, alone)) if things]
    at = {
        thing.id: (thing.lon, thing.lat)
        for kind in kinds
        for thing in observations.list_things(SYSTEM, kind=kind, readings=False)
        if thing.lon is not None and thing.lat is not None
    }
    found = np.array([at.get(thing.id, settings.CITY.center) for thing in (*cabinets, *alone)], float).reshape(-1, 2)
    return Places(lat=found[:, 1], lon=found[:, 0])


def _streams(things: Sequence[StreamsOfThing], fields: Sequence[str]) -> _Streams:
    rows = sorted(
        (thing.streams[name], field, owner)
        for owner, thing in enumerate(things)
        for field, name in enumerate(fields)
        if name in thing.streams
    )
    columns = np.array(rows, np.int64).reshape(-1, 3).T
    return _Streams(*columns)


def _phase(lamp: StreamsOfThing) -> int:
    return max(PHASES.find(str(lamp.properties.get("phase", "A"))[:1] or "A"), 0)


def _number(thing: StreamsOfThing, name: str) -> float:
    value = thing.properties.get(name)
    return float(value) if isinstance(value, int | float) else np.nan
