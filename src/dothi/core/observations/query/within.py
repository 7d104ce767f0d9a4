"""What statements of fixed text ask of a reach by areas: the condition, and its parameters."""

from typing import Final, LiteralString

from dothi.core.observations.query.types import Reach

STANDS_IN: Final[LiteralString] = (
    "(t.id IN (SELECT w.thing_id FROM observations_things_within(%(areas)s::text[], %(day)s::date) w)"
    " OR (t.department, t.id) IN (SELECT p.department, w.thing_id"
    " FROM unnest(%(areas_of)s::text[], %(departments_there)s::text[]) p(area, department)"
    " JOIN observations_things_within(%(areas_of)s::text[], %(day)s::date) w ON w.area = p.area))"
)
"""Whether the Thing `t` stands in an area that is reached as a whole, or in one where its department is."""


def parameters(reach: Reach | None) -> dict[str, object]:
    """Give the parameters of `STANDS_IN`; without areas it is met by nothing."""
    areas = () if reach is None else reach.areas
    pairs = [(area, department) for area, departments in areas for department in departments or ()]
    return {
        "areas": [area for area, departments in areas if departments is None],
        "areas_of": [area for area, _ in pairs],
        "departments_there": [department for _, department in pairs],
        "day": None if reach is None else reach.day,
    }
