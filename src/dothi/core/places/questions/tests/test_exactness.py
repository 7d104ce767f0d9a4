"""What questions add up, against the same worked out shape by shape in Python, and areas by another library."""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyproj
import pytest
import shapely
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.core.places.questions import rules, store
from dothi.core.places.questions.types import Group, Kind, Measure, Piece, Question, Relation, Source

SPHEROID: Final = pyproj.Geod(ellps="WGS84")
SOMETHING: Final = Source(Kind.THINGS)
MEASURES: Final = (Measure.COUNT, Measure.AREA, Measure.SUM, Measure.COVERED, Measure.OTHERS)
Told = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Shape:
    """A feature of a question: its name is its group as well."""

    name: str
    value: float
    shape: shapely.Geometry


def on_grid(*corners: tuple[int, int]) -> list[tuple[float, float]]:
    """Give corners at ten-thousandths of a degree: shapes of the same lines really touch."""
    return [(106.6 + x / 1e4, 11 + y / 1e4) for x, y in corners]


@st.composite
def grounds(draw: st.DrawFn) -> shapely.Geometry:
    """Draw boxes and angles on a small grid, so that they touch, hold and cross each other often."""
    x, y, width, height = (draw(st.integers(low, high)) for low, high in ((0, 6), (0, 6), (2, 6), (2, 6)))
    ring = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    if draw(st.booleans()):
        ring[2:3] = [(x + width, y + 1), (x + 1, y + 1), (x + 1, y + height)]
    return shapely.Polygon(on_grid(*ring))


@st.composite
def anything(draw: st.DrawFn) -> shapely.Geometry:
    """Draw a ground, and now and then a line or a point."""
    x, y = draw(st.integers(0, 8)), draw(st.integers(0, 8))
    line = shapely.LineString(on_grid((x, y), (x + 3, y), (x + 3, y + 2)))
    return draw(st.one_of(grounds(), grounds(), st.just(line), st.just(shapely.Point(on_grid((x, y))[0]))))


def some(prefix: str, shapes: st.SearchStrategy[shapely.Geometry], most: int) -> st.SearchStrategy[list[Shape]]:
    return st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 50), shapes), max_size=most).map(
        lambda rows: [Shape(f"{prefix}{name}", value, shape) for name, value, shape in rows]
    )


def piece_of(shapes: Sequence[Shape]) -> Piece:
    numbers = list(range(1, len(shapes) + 1))
    said: list[Mapping[str, Any]] = [{"name": each.name, "value": each.value} for each in shapes]
    return Piece(numbers, [each.name for each in shapes], said, [shapely.to_wkb(each.shape) for each in shapes])


def asked(question: Question, of: Sequence[Shape], other: Sequence[Shape], areas: Sequence[Shape]) -> Told:
    """Ask the database; each area has a name of its own."""
    features = store.given_features(piece_of(of), prefix="of")
    statement = rules.compose(question, features.sql)
    with transaction.atomic():
        rows = store.answer(
            statement._replace(values=statement.values | features.values),
            other=store.given_features(piece_of(other), prefix="other") if question.other else None,
            areas=store.given_features(piece_of(areas), prefix="by"),
            distance_m=0,
            measures=question.measures,
        )
    return {row.label: {name: value or 0.0 for name, value in row.figures.items()} for row in rows}


def area(shape: shapely.Geometry | None) -> float:
    if shape is None or shape.is_empty:
        return 0.0
    parts = [each for each in shapely.get_parts([shape]).tolist() if each.geom_type == "Polygon"]
    return sum(abs(SPHEROID.geometry_area_perimeter(each)[0]) for each in parts)


def cut(part: shapely.Geometry, by: shapely.Geometry) -> shapely.Geometry | None:
    """Give what of a shape lies in another, None where they only touch."""
    found = part.intersection(by)
    is_part = not found.is_empty and found.intersects(part)
    least = min(shapely.get_dimensions(part), shapely.get_dimensions(by))
    return found if is_part and shapely.get_dimensions(found) >= least else None


@dataclass(frozen=True)
class Counted:
    """A feature's part in a group."""

    number: int
    one: Shape
    part: shapely.Geometry
    covered: shapely.Geometry | None
    others: int
    of_other: str


def with_others(question: Question, of: Sequence[Shape], other: Sequence[Shape]) -> Iterator[Counted]:
    by_other = question.group in {Group.OTHER_FIELD, Group.AREA_AND_OTHER_FIELD}
    for number, one in enumerate(of):
        met = [each for each in other if lies(question, one.shape, each.shape)]
        if by_other:
            parts = [(each.name, part) for each in met if (part := cut(one.shape, each.shape)) is not None]
            yield from (Counted(number, one, part, part, 1, name) for name, part in parts)
            if not parts and not question.is_filter:
                yield Counted(number, one, one.shape, None, 0, "")
        elif met or not question.is_filter:
            covered = one.shape.intersection(shapely.union_all([each.shape for each in met])) if met else None
            yield Counted(number, one, one.shape, covered, len(met), "")


def lies(question: Question, one: shapely.Geometry, other: shapely.Geometry) -> bool:
    return bool(one.covered_by(other) if question.relation is Relation.WITHIN else one.intersects(other))


def in_areas(counted: Counted, areas: Sequence[Shape]) -> Iterator[tuple[str, Counted]]:
    for each in areas:
        part = cut(counted.part, each.shape)
        if part is not None:
            covered = None if counted.covered is None else counted.covered.intersection(each.shape)
            told = Counted(counted.number, counted.one, part, covered, counted.others, counted.of_other)
            yield each.name, told


def expected(question: Question, of: Sequence[Shape], other: Sequence[Shape], areas: Sequence[Shape]) -> Told:
    """Work out the same in the plainest way: each feature with each other and each area."""
    groups: dict[str, list[Counted]] = defaultdict(list)
    for counted in with_others(question, of, other):
        if question.group is Group.OTHER_FIELD:
            groups[counted.of_other].append(counted)
            continue
        for name, part in in_areas(counted, areas):
            groups[name if question.group is Group.AREA else f"{name} · {part.of_other}"].append(part)
    return {
        name: {
            "count": len({each.number for each in parts}),
            "area": sum(area(each.part) for each in parts),
            "sum": sum(each.one.value * _share(each) for each in parts),
            "covered": sum(area(each.covered) for each in parts),
            "others": sum(each.others for each in parts),
        }
        for name, parts in groups.items()
    }


def _share(counted: Counted) -> float:
    whole = area(counted.one.shape)
    return area(counted.part) / whole if whole else 1.0


def own_names(shapes: Sequence[Shape]) -> list[Shape]:
    return [Shape(f"{each.name}{number}", each.value, each.shape) for number, each in enumerate(shapes)]


QUESTIONS: Final = st.builds(
    Question,
    st.just(SOMETHING),
    st.sampled_from([Relation.INTERSECTS, Relation.WITHIN]),
    st.just(SOMETHING),
    is_filter=st.booleans(),
    measures=st.just(MEASURES),
    field=st.just("value"),
    group=st.sampled_from([Group.OTHER_FIELD, Group.AREA, Group.AREA_AND_OTHER_FIELD]),
    group_field=st.just("name"),
)


@pytest.mark.django_db
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(QUESTIONS, some("s", anything(), 6), some("z", grounds(), 5), some("w", grounds(), 3))
def test_what_touches_holds_and_crosses_is_told_as_shape_by_shape(
    question: Question, of: list[Shape], other: list[Shape], areas: list[Shape]
) -> None:
    areas = own_names(areas)
    found, wanted = asked(question, of, other, areas), expected(question, of, other, areas)
    assert found.keys() == wanted.keys()
    for name, figures in wanted.items():
        assert found[name] == pytest.approx(figures, rel=1e-6, abs=1e-3)


def slanted(chance: random.Random, size: float) -> shapely.Geometry:
    """Give a polygon of five corners somewhere on a square of four kilometres."""
    x, y = 106.6 + chance.random() * 0.04, 11 + chance.random() * 0.04
    corners = [(x + (chance.random() - 0.5) * size, y + (chance.random() - 0.5) * size) for _ in range(5)]
    return shapely.MultiPoint(corners).convex_hull


@pytest.mark.django_db
@pytest.mark.parametrize("group", [Group.OTHER_FIELD, Group.AREA, Group.AREA_AND_OTHER_FIELD])
@pytest.mark.parametrize("is_filter", [True, False])
def test_shapes_of_any_slant_add_up_to_the_same_areas(group: Group, is_filter: bool) -> None:
    chance = random.Random(f"{group} {is_filter}")
    of = [Shape(f"s{n}", float(n), slanted(chance, 0.01)) for n in range(60)]
    other = [Shape(f"z{n % 3}", 0, slanted(chance, 0.03)) for n in range(12)]
    areas = [Shape(f"w{n}", 0, slanted(chance, 0.05)) for n in range(4)]
    question = Question(
        SOMETHING,
        Relation.INTERSECTS,
        SOMETHING,
        is_filter=is_filter,
        measures=MEASURES,
        field="value",
        group=group,
        group_field="name",
    )
    found, wanted = asked(question, of, other, areas), expected(question, of, other, areas)
    assert len(wanted) > 3 or group is Group.OTHER_FIELD
    assert found.keys() == wanted.keys()
    for name, figures in wanted.items():
        assert found[name] == pytest.approx(figures, rel=1e-6, abs=0.01)
