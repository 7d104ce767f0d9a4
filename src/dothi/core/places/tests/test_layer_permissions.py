"""Each deed with a layer asks for its own permission: without it nothing happens, with it alone it does."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.places.layers import service
from dothi.core.places.layers.tests.files import square, write
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import LayerDraft, Visibility, Wish
from dothi.kernel.errors import DothiError, Forbidden, NotFound
from dothi.kernel.manifest import Names

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city_clock")]
VIEW, INTERNAL, RESTRICTED = "places.layer.view", "places.layer.view_internal", "places.layer.view_restricted"
EDIT, PUBLISH, MANAGE = "places.layer.edit", "places.layer.publish", "places.layer.manage"
ALL = frozenset({VIEW, INTERNAL, RESTRICTED, EDIT, PUBLISH, MANAGE})


def key(*permissions: str) -> Actor:
    return Actor(kind="key", reference="key:k", permissions=frozenset(permissions))


@pytest.fixture
def path(db: None, tmp_path: Path) -> Path:
    """A file; two revisions of it are published, and the third is a draft."""
    made = write(tmp_path / "p.gpkg", [square(0, 0)], {"id": ["1"]})
    make_layer(visibility=Visibility.PUBLIC)
    for number in (1, 2):
        service.take(SYSTEM, "parcels", made, Wish())
        service.review(SYSTEM, "parcels", number)
        service.publish_revision(SYSTEM, "parcels", number)
    service.take(SYSTEM, "parcels", made, Wish())
    return made


DEEDS: dict[str, tuple[str, Callable[[Actor, Path], object]]] = {
    "list": (VIEW, lambda who, _: service.list_layers(who)),
    "get": (VIEW, lambda who, _: service.get_layer(who, "parcels")),
    "compare": (VIEW, lambda who, _: service.compare(who, "parcels", 1, 2)),
    "outlines": (VIEW, lambda who, _: service.list_outlines(who, "parcels", 1, 2)),
    "features": (VIEW, lambda who, _: service.list_features(who, "parcels")),
    "touching": (VIEW, lambda who, _: service.list_touching(who, square(0, 0))),
    "examine": (EDIT, lambda who, path: service.examine(who, "parcels", path, Wish())),
    "discard": (EDIT, lambda who, _: service.discard(who, "parcels", 3)),
    "uploads": (EDIT, lambda who, _: service.list_uploads(who, "parcels")),
    "review": (PUBLISH, lambda who, _: service.review(who, "parcels", 3)),
    "create": (MANAGE, lambda who, _: service.create_layer(who, LayerDraft("roads", Names(vi="Đường", en="Roads")))),
    "change": (MANAGE, lambda who, _: service.change_layer(who, "parcels", licence="CC0")),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_each_deed_asks_for_its_permission(path: Path, deed: str) -> None:
    permission, do = DEEDS[deed]
    with pytest.raises(Forbidden):
        do(key(*(ALL - {permission})), path)
    do(key(VIEW, permission), path)


@pytest.mark.parametrize(
    ("visibility", "needed"),
    [(Visibility.PUBLIC, VIEW), (Visibility.INTERNAL, INTERNAL), (Visibility.RESTRICTED, RESTRICTED)],
)
def test_what_may_not_be_seen_is_not_there(visibility: Visibility, needed: str) -> None:
    make_layer(visibility=visibility)
    assert service.get_layer(key(VIEW, needed), "parcels").slug == "parcels"
    with pytest.raises(DothiError) as raised:
        service.get_layer(key(*(ALL - {needed, EDIT})), "parcels")
    assert isinstance(raised.value, Forbidden if needed == VIEW else NotFound)


def test_a_draft_is_not_there_for_who_only_looks(path: Path) -> None:
    assert [each.number for each in service.list_revisions(key(VIEW), "parcels")] == [2, 1]
    with pytest.raises(NotFound):
        service.get_revision(key(VIEW), "parcels", 3)
    assert service.get_revision(key(VIEW, EDIT), "parcels", 3).is_open
