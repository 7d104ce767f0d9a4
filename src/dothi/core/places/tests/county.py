"""A small square county for tests: four communes in two districts that became two wards, one commune divided."""

from datetime import date

import shapely

from dothi.core.places.rules import naming
from dothi.core.places.rules.cells import as_multipolygon
from dothi.core.places.types import (
    COMMUNE,
    DISTRICT,
    PROVINCE,
    AreaDraft,
    Gazetteer,
    Period,
    ShareBasis,
    SuccessionDraft,
)
from dothi.kernel.manifest import Names

REFORM = date(2025, 7, 1)
BEFORE, AFTER = Period(None, REFORM), Period(REFORM, None)
WEST, SOUTH = 106.6, 11.0
OUTLINE = shapely.box(106.30, 10.82, 107.00, 11.55)


def box(x: float, y: float, width: float = 0.02, height: float = 0.02) -> shapely.MultiPolygon:
    """Give a rectangle at hundredths of a degree from the county's corner."""
    left, bottom = WEST + x / 100, SOUTH + y / 100
    return as_multipolygon(shapely.box(left, bottom, left + width, bottom + height))


def draft(time: str, level: int, code: str, full_name: str, **more: object) -> AreaDraft:
    """Give a draft with illustrative shape, where it has one."""
    kind, name = naming.part(full_name)
    assert kind is not None
    return AreaDraft(
        key=f"{time}/{level}/{code}",
        level=level,
        code=code,
        names=Names(vi=name, en=name),
        kind=kind,
        valid=BEFORE if time == "old" else AFTER,
        is_illustrative="shape" in more,
        **more,  # type: ignore[arg-type]  # shape, parent and basis as tests give them
    )


def county(digest: str = "county-1", *, first_name: str = "Xã Đông Hòa") -> Gazetteer:
    """Give the county as a source tells it: 4 × 2 hundredths of a degree, communes of 1 × 2, wards of 2 × 2."""
    old = [
        draft("old", COMMUNE, f"0{n}", name, parent=f"old/2/{1 + n // 2}", shape=box(n, 0, 0.01))
        for n, name in enumerate([first_name, "Xã Phú Lợi", "Phường Dĩ An", "Thị trấn Lái Thiêu"])
    ]
    return Gazetteer(
        source="the county's office",
        digest=digest,
        areas=(
            draft("old", PROVINCE, "9", "Tỉnh Thử", shape=box(0, 0, 0.04)),
            draft("old", DISTRICT, "1", "Huyện Tây", parent="old/1/9", shape=box(0, 0)),
            draft("old", DISTRICT, "2", "Huyện Đông", parent="old/1/9", shape=box(2, 0)),
            *old,
            draft("new", PROVINCE, "8", "Thành phố Lớn", legal_basis="Act 1"),
            draft("new", COMMUNE, "00", "Phường Đông Hòa", parent="new/1/8", legal_basis="Act 1", shape=box(0, 0)),
            draft("new", COMMUNE, "02", "Phường Dĩ An", parent="new/1/8", legal_basis="Act 1", shape=box(2, 0)),
        ),
        successions=(
            whole("old/1/9", "new/1/8"),
            whole("old/3/00", "new/3/00"),
            SuccessionDraft("old/3/01", "new/3/00", REFORM, 0.75, ShareBasis.CELLS),
            SuccessionDraft("old/3/01", "new/3/02", REFORM, 0.25, ShareBasis.CELLS),
            whole("old/3/02", "new/3/02"),
            whole("old/3/03", "new/3/02"),
        ),
    )


def whole(predecessor: str, successor: str) -> SuccessionDraft:
    """Give the succession of a unit that went to one other as a whole."""
    return SuccessionDraft(predecessor, successor, REFORM, 1.0, ShareBasis.WHOLE)
