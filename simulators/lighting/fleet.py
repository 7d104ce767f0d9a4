"""The lamps and cabinets of the simulated city: 6,000 on 120 cabinets, along schematic street lines."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from simulators.lighting.frame import Floats, Ints

STREETS: Final = Path(__file__).with_name("streets.json")
PHASES: Final = "ABC"
METRES_PER_DEGREE: Final = 111_320.0
"""Along a meridian; along a parallel times the cosine of the latitude. Good to a metre over a street."""
GOLDEN: Final = 0.618_033_988_75
SMALL_STREET: Final = "hung-vuong"


@dataclass(frozen=True, slots=True)
class Street:
    """One street: its slug and name, the key and name of its light programme, and what its lamps are rated."""

    slug: str
    name: str
    programme: str
    programme_name: str
    rated_w: float


@dataclass(frozen=True, slots=True)
class Fleet:
    """All lamps [n] and cabinets [c]; the order of both is the order of their serials."""

    streets: tuple[Street, ...]
    serials: tuple[str, ...]
    names: tuple[str, ...]
    lon: Floats
    lat: Floats
    street: Ints
    """Index into `streets` of each lamp."""
    cabinet: Ints
    """Index of each lamp's cabinet."""
    phase: Ints
    """0, 1, 2 for A, B, C."""
    rated_w: Floats
    cabinet_serials: tuple[str, ...]
    cabinet_names: tuple[str, ...]
    cabinet_lon: Floats
    cabinet_lat: Floats
    cabinet_street: Ints

    @property
    def lamps(self) -> int:
        """How many lamps there are."""
        return len(self.serials)

    @property
    def cabinets(self) -> int:
        """How many cabinets there are."""
        return len(self.cabinet_serials)

    @property
    def feeder(self) -> Ints:
        """Each lamp's place in a flattened [c, 3]: cabinet times three plus phase."""
        return self.cabinet * 3 + self.phase


def build_fleet() -> Fleet:
    """Give the whole city's lamps; always the same ones."""
    plan = json.loads(STREETS.read_bytes())
    return _fleet(plan["streets"], plan["programmes"])


def small_fleet(lamps: int, cabinets: int) -> Fleet:
    """Give so many lamps of one street on so many cabinets (at least a lamp for each), for tests and small demos."""
    plan = json.loads(STREETS.read_bytes())
    street = next(each for each in plan["streets"] if each["slug"] == SMALL_STREET)
    return _fleet([street | {"lamps": lamps, "cabinets": min(cabinets, lamps)}], plan["programmes"])


def _fleet(plans: list[dict[str, Any]], programmes: dict[str, str]) -> Fleet:
    counts = [int(each["lamps"]) for each in plans]
    street = np.repeat(np.arange(len(plans)), counts)
    places = np.concatenate([_places(each) for each in plans])
    sizes = [_cabinet_sizes(each, number) for number, each in enumerate(plans)]
    runs = np.concatenate(sizes)
    cabinet = np.repeat(np.arange(len(runs)), runs)
    first = np.concatenate(([0], np.cumsum(runs)[:-1]))
    middle = first + runs // 2
    within = np.arange(len(street)) - first[cabinet]
    return Fleet(
        streets=tuple(
            Street(e["slug"], e["name"], e["programme"], programmes[e["programme"]], float(e["rated_power_w"]))
            for e in plans
        ),
        serials=tuple(f"BD-L-{number:05}" for number in range(1, len(street) + 1)),
        names=tuple(f"{e['name']} {number:03}" for e in plans for number in range(1, int(e["lamps"]) + 1)),
        lon=places[:, 0],
        lat=places[:, 1],
        street=street,
        cabinet=cabinet,
        # One after the other along the street, so that a lost phase leaves light between its dark lamps.
        phase=within % 3,
        rated_w=np.repeat([float(each["rated_power_w"]) for each in plans], counts),
        cabinet_serials=tuple(f"BD-C-{number:03}" for number in range(1, len(runs) + 1)),
        cabinet_names=tuple(
            f"Tủ {each['name']} {number + 1}"
            for each, size in zip(plans, sizes, strict=True)
            for number in range(len(size))
        ),
        cabinet_lon=places[middle, 0] + 5e-5,
        cabinet_lat=places[middle, 1] + 5e-5,
        cabinet_street=street[middle],
    )


def _places(plan: dict[str, Any]) -> Floats:
    """Set lamps at equal distances along a street's line, on alternating sides; gives [lamps, (lon, lat)]."""
    line = np.asarray(plan["line"], dtype=float)
    scale = METRES_PER_DEGREE * np.array([np.cos(np.radians(line[:, 1].mean())), 1.0])
    metres = (line - line[0]) * scale
    steps = np.hypot(*np.diff(metres, axis=0).T)
    along = np.concatenate(([0.0], np.cumsum(steps)))
    count = int(plan["lamps"])
    wanted = (np.arange(count) + 0.5) / count * along[-1]
    here = np.column_stack([np.interp(wanted, along, metres[:, axis]) for axis in (0, 1)])
    piece = np.clip(np.searchsorted(along, wanted, side="right") - 1, 0, len(steps) - 1)
    ahead = np.diff(metres, axis=0)[piece] / steps[piece, None]
    side = np.where(np.arange(count) % 2 == 0, 1.0, -1.0) if plan["sides"] == 2 else np.ones(count)
    across = np.column_stack([-ahead[:, 1], ahead[:, 0]]) * side[:, None] * float(plan["offset_m"])
    return np.asarray(np.round(line[0] + (here + across) / scale, 6), dtype=float)


def _cabinet_sizes(plan: dict[str, Any], number: int) -> Ints:
    """Share a street's lamps among its cabinets, unevenly as cities do; `first_cabinet` says how many one has."""
    lamps, cabinets = int(plan["lamps"]), int(plan["cabinets"])
    fixed = [int(plan["first_cabinet"])] if "first_cabinet" in plan else []
    rest = cabinets - len(fixed)
    weights = 0.6 + 0.8 * ((np.arange(1, rest + 1) + 7 * number) * GOLDEN % 1.0)
    ends = np.round(np.cumsum(weights) / weights.sum() * (lamps - sum(fixed) - rest)).astype(np.int64)
    # Each has one lamp at least.
    return np.concatenate((np.asarray(fixed, dtype=np.int64), np.diff(ends, prepend=0) + 1))
