"""What detection remembers from minute to minute, and its form as bytes."""

import zlib
from collections.abc import Iterator
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from dothi.domains.lighting.rules.detection.timers import Counts, Timer, forget, fresh_timer
from dothi.domains.lighting.types.detection import Bools, Ints, Sites

Singles = NDArray[np.float32]
Memory = TypeVar("Memory", "Lamps", "Cabinets")
VERSION: Final = 1
"""Of the bytes: another number means that a state can't be read, and detection starts afresh."""


class Lamps(NamedTuple):
    """What is remembered of each lamp, [n]."""

    failed: Timer
    burning: Timer
    cycling: Timer
    dimming: Timer
    drift: Timer
    silent: Timer
    unheard: Counts
    """Minutes since anything came of it."""
    level: Singles
    """The level expected in the last minute, in percent; NaN before the first."""
    settled: Counts
    """Minutes since that level changed."""
    is_lit: Bools
    """Whether it gave light when last looked at, within this stretch of light."""
    falls: NDArray[np.uint64]
    """One bit a minute in which it should give light, the newest lowest: 1 where it went dark."""
    is_dim_wrong_above: Bools
    """The level that was not obeyed was too high, not too low."""
    jumped: Counts
    """Minutes in which it drew, at full level, something quite other than of late."""
    full_w: Singles
    """What it draws at full level, of late."""
    full_count: Counts
    own_w: Singles
    """What it draws at full level, as it always has."""
    own_count: Counts


class Cabinets(NamedTuple):
    """What is remembered of each cabinet, [c] and [c, 3]."""

    silent: Timer
    lost: Timer
    """Of each phase, [c, 3]."""
    unheard: Counts


class State(NamedTuple):
    """All that detection remembers. It is never changed: a step gives another one."""

    sites: Sites
    lamps: Lamps
    cabinets: Cabinets


INSTALLING_MIN: Final = 90
"""A lamp that was just registered, anew or with another power, may be silent for so long: somebody is mounting it."""


class StateUnreadable(ValueError):
    """The bytes are no state, or one of another version."""


def fresh_state(sites: Sites) -> State:
    """Give the state of detection that has seen nothing yet."""
    return State(sites, _fresh_lamps(len(sites.lamp_id)), _fresh_cabinets(len(sites.cabinet_id)))


def _fresh_lamps(lamps: int) -> Lamps:
    counts, singles, no = np.zeros(lamps, np.int16), np.full(lamps, np.nan, np.float32), np.zeros(lamps, np.bool_)
    timer = fresh_timer(lamps)
    return Lamps(
        failed=timer, burning=timer, cycling=timer, dimming=timer, drift=timer, silent=timer,
        unheard=counts, level=singles, settled=counts,
        is_lit=no, falls=np.zeros(lamps, np.uint64), is_dim_wrong_above=no, jumped=counts,
        full_w=singles, full_count=counts, own_w=singles, own_count=counts,
    )  # fmt: skip


def _fresh_cabinets(cabinets: int) -> Cabinets:
    return Cabinets(
        silent=fresh_timer(cabinets),
        lost=fresh_timer((cabinets, 3)),
        unheard=np.zeros(cabinets, np.int16),
    )


def with_sites(state: State, sites: Sites) -> State:
    """Go on with other lamps and cabinets: who was known by id is remembered, wherever it stands in the arrays now.

    A lamp whose registered power is another one was replaced: what the old one drew is forgotten.
    """
    lamps = _carry(state.lamps, _fresh_lamps(len(sites.lamp_id)), state.sites.lamp_id, sites.lamp_id)
    here, there = _places(state.sites.lamp_id, sites.lamp_id)
    is_new = np.ones(len(sites.lamp_id), np.bool_)
    is_new[here] = state.sites.rated_w[there] != sites.rated_w[here]
    lamps = lamps._replace(
        full_count=np.where(is_new, np.int16(0), lamps.full_count),
        own_count=np.where(is_new, np.int16(0), lamps.own_count),
        jumped=np.where(is_new, np.int16(0), lamps.jumped),
        drift=forget(lamps.drift, is_new),
        silent=forget(lamps.silent, is_new, to=-INSTALLING_MIN),
    )
    cabinets = _carry(
        state.cabinets, _fresh_cabinets(len(sites.cabinet_id)), state.sites.cabinet_id, sites.cabinet_id
    )  # fmt: skip
    return State(sites, lamps, cabinets)


def dump_state(state: State) -> bytes:
    """Write a state as bytes; `load_state` gives the very same one."""
    sites = state.sites
    arrays = {
        "lamp_id": sites.lamp_id, "cabinet_id": sites.cabinet_id, "cabinet": sites.cabinet, "phase": sites.phase,
        "rated_w": sites.rated_w,
        **{f"lamps.{name}": array for name, array in _flat(state.lamps)},
        **{f"cabinets.{name}": array for name, array in _flat(state.cabinets)},
    }  # fmt: skip
    packed = {name: (array.dtype.str, array.shape, array.tobytes()) for name, array in arrays.items()}
    body = msgspec.msgpack.encode({"version": VERSION, "nominal_v": sites.nominal_v, "arrays": packed})
    return zlib.compress(body, 1)


def load_state(data: bytes, sites: Sites) -> State:
    """Read a state, and go on with the lamps and cabinets there are now. Raises StateUnreadable."""
    try:
        body = msgspec.msgpack.decode(zlib.decompress(data))
        if body["version"] != VERSION:
            raise StateUnreadable(f"a state of version {body['version']}, not {VERSION}")
        arrays = {
            name: np.frombuffer(raw, dtype).reshape(shape) for name, (dtype, shape, raw) in body["arrays"].items()
        }
        then = Sites(
            **{name: arrays[name] for name in ("lamp_id", "cabinet_id", "cabinet", "phase", "rated_w")},
            nominal_v=body["nominal_v"],
        )
        fresh = fresh_state(then)
        lamps = _filled(fresh.lamps, arrays, "lamps")
        cabinets = _filled(fresh.cabinets, arrays, "cabinets")
    except (zlib.error, msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise StateUnreadable(f"no state of detection: {error}") from error
    return with_sites(State(then, lamps, cabinets), sites)


def _flat(memory: Lamps | Cabinets) -> Iterator[tuple[str, NDArray[Any]]]:
    for name, value in memory._asdict().items():
        if isinstance(value, Timer):
            yield from ((f"{name}.{part}", array) for part, array in value._asdict().items())
        else:
            yield name, value


def _rebuilt(like: Memory, arrays: dict[str, NDArray[Any]]) -> Memory:
    return type(like)._make(
        Timer._make(arrays[f"{name}.{part}"] for part in Timer._fields) if isinstance(value, Timer) else arrays[name]
        for name, value in like._asdict().items()
    )


def _filled(like: Memory, arrays: dict[str, NDArray[Any]], prefix: str) -> Memory:
    return _rebuilt(like, {name: arrays[f"{prefix}.{name}"] for name, _ in _flat(like)})


def _carry(old: Memory, fresh: Memory, old_id: Ints, new_id: Ints) -> Memory:
    here, there = _places(old_id, new_id)
    kept = dict(_flat(old))
    carried = {}
    for name, array in _flat(fresh):
        carried[name] = array.copy()
        carried[name][here] = kept[name][there]
    return _rebuilt(fresh, carried)


def _places(old_id: Ints, new_id: Ints) -> tuple[Ints, Ints]:
    """Give where known ids stand among the new ones, and where among the old."""
    _, here, there = np.intersect1d(new_id, old_id, assume_unique=True, return_indices=True)
    return here, there
