"""Where a layer lies is told by its features as they are, however large one is and whatever was there before."""

import pytest
import shapely

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service as layers
from dothi.core.places.serving import service
from dothi.core.places.serving.tests.published import publish

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city_clock")]
RIVER = shapely.box(106.3, 10.7, 107.1, 11.6)
HOUSE = shapely.box(106.65, 10.98, 106.651, 10.981)


def told() -> list[tuple[float, ...] | None]:
    """Give the bounds that the machines' door tells, and see that the pages open their map on the same."""
    found = [each.bounds for each in service.list_shown(SYSTEM)]
    assert found == [layers.bounds_of(SYSTEM, each.layer.slug) for each in service.list_shown(SYSTEM)]
    return [bounds and tuple(round(value, 6) for value in bounds) for bounds in found]


def test_a_large_feature_counts_to_its_edges_and_no_longer_than_it_is_there() -> None:
    publish("water", [("Sông", {"cap": 1}, RIVER), ("Nhà", {"cap": 2}, HOUSE)])
    assert told() == [RIVER.bounds]
    river = next(each for each in layers.list_features(SYSTEM, "water") if each.label == "Sông")
    draft = layers.remove_feature(SYSTEM, "water", river.fid)
    layers.review(SYSTEM, "water", draft.number)
    layers.publish_revision(SYSTEM, "water", draft.number, publish=lambda _event: None)
    assert told() == [HOUSE.bounds]


def test_a_layer_without_features_lies_nowhere() -> None:
    publish("none", [])
    assert told() == [None]
