"""Where two revisions of a layer differ: which shapes are drawn, for whom, how many, and what the page says of them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import shapely
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.places.layers import service
from dothi.core.places.layers.service import comparing
from dothi.core.places.layers.tests.files import square, write
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import ChangeKind, Outline, Visibility, Wish
from dothi.core.places.layers.views import changes
from dothi.kernel.errors import Forbidden, NotFound

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city_clock")]
BUDGET = 8
"""Session, person, grants, layer, two revisions, whether there is a table, shapes."""
PARCELS = "/places/layers/parcels/revisions"
CHANGED, ADDED, REMOVED = ChangeKind.CHANGED, ChangeKind.ADDED, ChangeKind.REMOVED
Told = dict[str, tuple[shapely.Geometry, str]]
BEFORE: Told = {
    "1": (square(0, 0), "Một"),
    "2": (square(2, 0), "Hai"),
    "3": (square(4, 0), "Ba"),
    "4": (square(6, 0), "Bốn"),
}
AFTER: Told = {
    "1": (square(0, 0), "Một"),
    "2": (square(2, 0, 0.5), "Hai"),
    "3": (square(4, 0), "Ba mới"),
    "5": (square(8, 0), "Năm"),
}


def take(folder: Path, told: Told, *, is_published: bool) -> int:
    columns = {"id": list(told), "ten": [name for _, name in told.values()]}
    path = write(folder / "p.gpkg", [shape for shape, _ in told.values()], columns)
    number = service.take(SYSTEM, "parcels", path, Wish()).number
    path.unlink()
    if is_published:
        service.review(SYSTEM, "parcels", number)
        service.publish_revision(SYSTEM, "parcels", number)
    return number


@pytest.fixture
def parcels(db: None, tmp_path: Path) -> None:
    """A published revision of four parcels, and a draft: one is smaller, one renamed, one gone, one new."""
    make_layer()
    take(tmp_path, BEFORE, is_published=True)
    take(tmp_path, AFTER, is_published=False)


def client_of(role: str, settings: Settings) -> Client:
    settings.VISITOR_ROLE = ""
    person = User.objects.create(username=role)
    person.grants.create(role=role)
    client = Client(headers={"accept-language": "vi"})
    client.force_login(person)
    return client


def sent(client: Client, number: int, against: int) -> list[dict[str, Any]]:
    answer = client.get(f"{PARCELS}/{number}/changes.geojson", {"with": against})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/geo+json"
    found: list[dict[str, Any]] = json.loads(answer.content)["features"]
    return found


def drawn(outline: Outline) -> tuple[str, ChangeKind, str | None, str | None]:
    """Say an outline by how far each of its shapes reaches from the west."""
    return outline.name, outline.kind, _reach(outline.before), _reach(outline.after)


def _reach(told: str | None) -> str | None:
    if told is None:
        return None
    west, south, east, _ = shapely.from_geojson(told).bounds
    assert south == pytest.approx(11.0)
    return f"{(west - 106.7) * 1000:.1f}–{(east - 106.7) * 1000:.1f}"


@pytest.mark.usefixtures("parcels")
def test_shapes_are_given_as_they_were_and_as_they_are() -> None:
    assert [drawn(each) for each in service.list_outlines(SYSTEM, "parcels", 1, 2)] == [
        ("Hai", CHANGED, "2.0–3.0", "2.0–2.5"),
        ("Ba mới", CHANGED, None, "4.0–5.0"),
        ("Năm", ADDED, None, "8.0–9.0"),
        ("Bốn", REMOVED, "6.0–7.0", None),
    ]


@pytest.mark.usefixtures("parcels")
def test_the_other_way_round_what_was_added_is_removed() -> None:
    assert [drawn(each) for each in service.list_outlines(SYSTEM, "parcels", 2, 1)] == [
        ("Hai", CHANGED, "2.0–2.5", "2.0–3.0"),
        ("Ba mới", CHANGED, None, "4.0–5.0"),
        ("Năm", REMOVED, "8.0–9.0", None),
        ("Bốn", ADDED, None, "6.0–7.0"),
    ]


@pytest.mark.usefixtures("parcels")
def test_against_nothing_everything_is_added() -> None:
    found = service.list_outlines(SYSTEM, "parcels", 0, 1)
    assert [each.name for each in found if each.kind is ADDED] == ["Một", "Hai", "Ba", "Bốn"]
    assert service.list_outlines(SYSTEM, "parcels", 1, 1) == []
    make_layer("empty")
    assert service.list_outlines(SYSTEM, "empty", 0, 0) == []


@pytest.mark.usefixtures("parcels")
def test_the_outlines_stand_in_the_order_of_the_list() -> None:
    for before, after in ((1, 2), (2, 1), (0, 2)):
        listed = service.compare(SYSTEM, "parcels", before, after).changes
        outlines = service.list_outlines(SYSTEM, "parcels", before, after)
        assert [(each.fid, each.kind) for each in outlines] == [(each.fid, each.kind) for each in listed]


@pytest.mark.usefixtures("parcels")
def test_shapes_are_bounded_in_number_and_in_corners(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [each.name for each in service.list_outlines(SYSTEM, "parcels", 1, 2, limit=2)] == ["Hai", "Ba mới"]
    # Two squares have ten corners, a third has five more; what comes later is not drawn although it would fit.
    monkeypatch.setattr(comparing, "MOST_CORNERS", 14)
    found = service.list_outlines(SYSTEM, "parcels", 1, 2)
    assert [(each.name, each.after is not None, each.before is not None) for each in found] == [
        ("Hai", True, True),
        ("Ba mới", False, False),
        ("Năm", False, False),
        ("Bốn", False, False),
    ]


@pytest.mark.usefixtures("parcels")
def test_a_draft_is_drawn_for_those_who_may_see_it() -> None:
    looker = Actor(kind="key", reference="key:k", permissions=frozenset({service.VIEW}))
    editor = Actor(kind="key", reference="key:e", permissions=frozenset({service.VIEW, service.EDIT}))
    nobody = Actor(kind="key", reference="key:n", permissions=frozenset({service.EDIT}))
    assert len(service.list_outlines(looker, "parcels", 0, 1)) == 4
    assert len(service.list_outlines(editor, "parcels", 1, 2)) == 4
    for pair in ((1, 2), (2, 1), (0, 2), (2, 0), (1, 3)):
        with pytest.raises(NotFound):
            service.list_outlines(looker, "parcels", *pair)
    with pytest.raises(Forbidden):
        service.list_outlines(nobody, "parcels", 0, 1)
    service.discard(SYSTEM, "parcels", 2)
    with pytest.raises(NotFound):
        service.list_outlines(editor, "parcels", 1, 2)


@pytest.mark.usefixtures("parcels")
def test_the_address_sends_each_shape_with_its_side(settings: Settings) -> None:
    found = sent(client_of("administrator", settings), 2, 1)
    told = [(each["properties"]["name"], each["properties"]["kind"], each["properties"]["side"]) for each in found]
    assert told == [
        ("Hai", "changed", "before"),
        ("Hai", "changed", "after"),
        ("Ba mới", "changed", "after"),
        ("Năm", "added", "after"),
        ("Bốn", "removed", "before"),
    ]
    assert [each["properties"]["place"] for each in found] == [0, 0, 1, 2, 3]
    assert len({each["id"] for each in found}) == 5
    assert shapely.from_geojson(json.dumps(found[3]["geometry"])).equals_exact(square(8, 0), 1e-7)


@pytest.mark.usefixtures("parcels")
def test_the_address_asks_as_much_as_the_page(settings: Settings) -> None:
    administrator, viewer = client_of("administrator", settings), client_of("viewer", settings)
    for address, for_viewer in ((f"{PARCELS}/2/", 404), (f"{PARCELS}/1/", 200)):
        for path in (address, f"{address}changes.geojson"):
            assert administrator.get(path).status_code == 200, path
            assert viewer.get(path).status_code == for_viewer, path
            assert Client().get(path).status_code == 302, path
    assert viewer.get(f"{PARCELS}/1/changes.geojson", {"with": "2"}).status_code == 404
    assert administrator.get(f"{PARCELS}/1/changes.geojson", {"with": "9" * 15}).status_code == 404
    assert administrator.post(f"{PARCELS}/1/changes.geojson").status_code == 405
    service.change_layer(SYSTEM, "parcels", visibility=Visibility.INTERNAL)
    assert viewer.get(f"{PARCELS}/1/changes.geojson").status_code == 404


@pytest.mark.usefixtures("parcels")
def test_the_address_asks_few_queries_however_many_changes(
    settings: Settings, tmp_path: Path, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client = client_of("administrator", settings)
    service.discard(SYSTEM, "parcels", 2)
    many = {str(n): (square(n, 2), f"Thửa {n}") for n in range(40)}
    assert take(tmp_path, many, is_published=False) == 3
    for against in (0, 1):
        with django_assert_max_num_queries(BUDGET):
            assert len(sent(client, 3, against)) >= 40


@pytest.mark.usefixtures("parcels")
def test_the_page_says_how_many_and_leads_from_each_row(settings: Settings) -> None:
    page = client_of("administrator", settings).get(f"{PARCELS}/2/").content.decode()
    [key] = re.findall(r'<ul class="body change-key">.*?</ul>', page, re.DOTALL)
    text = " ".join(re.sub(r"<[^>]+>", " ", key).split())
    assert text == "1 thêm 2 sửa : hình cũ nét đứt, hình mới nét liền 1 bỏ"
    [config] = re.findall(r'data-island="places/changes" data-config="([^"]+)"', page)
    told = json.loads(config.replace("&quot;", '"').replace("&amp;", "&"))
    assert (told["changesUrl"], told["total"]) == (f"{PARCELS}/2/changes.geojson?with=1", 4)
    fids = {each.label: each.fid for each in service.compare(SYSTEM, "parcels", 1, 2).changes}
    for label, fid in fids.items():
        assert f'<tr id="change-{fid}" tabindex="-1">' in page
        assert f'data-change="{fid}"' in page
        # What is not shown to all as yet has no page.
        assert (f"/places/layers/parcels/features/{fid}/" in page) == (label != "Năm")


@pytest.mark.usefixtures("parcels")
def test_nothing_is_drawn_where_both_hold_the_same(settings: Settings) -> None:
    client = client_of("administrator", settings)
    service.discard(SYSTEM, "parcels", 2)
    service.change_feature(SYSTEM, "parcels", service.list_features(SYSTEM, "parcels")[0].fid, attributes={"id_": "1"})
    page = client.get(f"{PARCELS}/1/", {"with": "0"}).content.decode()
    assert "places/changes" in page
    # What was discarded can't be asked for: it is compared with nothing then.
    assert client.get(f"{PARCELS}/1/", {"with": "2"}).content.decode().count("places/changes") == 1
    service.review(SYSTEM, "parcels", 3)
    service.publish_revision(SYSTEM, "parcels", 3)
    service.restore(SYSTEM, "parcels", 1)
    same = client.get(f"{PARCELS}/4/", {"with": "1"}).content.decode()
    assert "places/changes" not in same
    assert "Hai phiên bản giống nhau." in same


@pytest.mark.usefixtures("parcels")
def test_the_list_goes_on_on_other_pages(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "PER_PAGE", 3)
    client = client_of("administrator", settings)
    first, second, third = (client.get(f"{PARCELS}/2/", {"with": "1", "page": n}).content.decode() for n in (1, 2, 3))
    assert (first.count("<tr id="), second.count("<tr id="), third.count("<tr id=")) == (3, 1, 0)
    assert "1–3 trên 4" in first
    assert 'href="?with=1&amp;page=2"' in first
    assert "4–4 trên 4" in second
    assert 'href="?with=1&amp;page=1"' in second
    assert "Danh sách kết thúc trước trang này." in third
