"""The pages of layers: from a file that is given to what is shown, who may what, and what is said of it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM
from dothi.core.places import jobs
from dothi.core.places.layers import service
from dothi.core.places.layers.tests.files import collection, square, write
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import UploadState, Visibility, Wish

GOOD = {"type": "Point", "coordinates": [106.7, 11.0]}


@pytest.fixture
def client_of(settings: Settings, tmp_path: Path) -> Callable[..., Client]:
    """Sign somebody in with a role, everywhere or in a department."""
    settings.MEDIA_FOLDER = tmp_path / "media"
    settings.VISITOR_ROLE = ""

    def made(role: str, department: str = "") -> Client:
        person, _ = User.objects.get_or_create(username=f"{role}-{department}")
        person.grants.get_or_create(role=role, department=department)
        client = Client(headers={"accept-language": "vi"})
        client.force_login(person)
        return client

    return made


def shown(tmp_path: Path, slug: str = "parcels", **told: object) -> None:
    make_layer(slug, **told)
    path = write(
        tmp_path / f"{slug}.gpkg",
        [square(n, 0) for n in range(3)],
        {"id": ["1", "2", "3"], "ten": ["Một", "Hai", "Ba"]},
    )
    service.take(SYSTEM, slug, path, Wish())
    service.review(SYSTEM, slug, 1)
    service.publish_revision(SYSTEM, slug, 1)


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_from_the_browser_to_what_is_shown(tmp_path: Path, client_of: Callable[..., Client]) -> None:
    make_layer()
    client = client_of("administrator")
    path = collection(tmp_path / "p.geojson", ({"id": 1, "ten": "Lô một"}, GOOD), ({"id": 2}, None))
    answer = client.post(
        "/places/layers/parcels/uploads/", {"file": SimpleUploadedFile("p.geojson", path.read_bytes())}
    )
    address = answer.headers["Location"]
    waiting = client.get(address)
    assert waiting.headers["Refresh"]
    jobs.work_on_uploads()
    page = client.get(address).content.decode()
    assert "không có hình dạng" in page
    assert "Bỏ ra 1 đối tượng" in page
    client.post(f"{address}accept/")
    [upload] = service.list_uploads(SYSTEM, "parcels")
    assert upload.state is UploadState.EXAMINED
    client.post(f"{address}accept/", {"leave_out": "yes"})
    jobs.work_on_uploads()
    [upload] = service.list_uploads(SYSTEM, "parcels")
    assert (upload.state, upload.revision, upload.path) == (UploadState.TAKEN, 1, "")
    assert not [file for file in (tmp_path / "media").rglob("*") if file.is_file()]
    assert client.post("/places/layers/parcels/revisions/1/publish/").status_code == 302
    assert service.list_features(SYSTEM, "parcels") == []
    client.post("/places/layers/parcels/revisions/1/review/")
    client.post("/places/layers/parcels/revisions/1/publish/")
    assert "Lô một" in client.get("/places/layers/parcels/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_is_cancelled_leaves_nothing(tmp_path: Path, client_of: Callable[..., Client]) -> None:
    make_layer()
    client = client_of("administrator")
    for name in ("a.geojson", "b.geojson"):
        path = collection(tmp_path / name, ({"id": 1}, GOOD))
        client.post("/places/layers/parcels/uploads/", {"file": SimpleUploadedFile(name, path.read_bytes())})
    second, first = service.list_uploads(SYSTEM, "parcels")
    client.post(f"/places/layers/parcels/uploads/{first.id}/cancel/")
    jobs.work_on_uploads()
    states = [each.state for each in service.list_uploads(SYSTEM, "parcels")]
    assert states == [UploadState.EXAMINED, UploadState.CANCELLED]
    client.post(f"/places/layers/parcels/uploads/{second.id}/cancel/")
    assert not [file for file in (tmp_path / "media").rglob("*") if file.is_file()]
    assert service.list_revisions(SYSTEM, "parcels") == []


@pytest.mark.django_db(transaction=True)
def test_a_file_that_can_not_be_read_says_so(tmp_path: Path, client_of: Callable[..., Client]) -> None:
    make_layer()
    client = client_of("administrator")
    given = SimpleUploadedFile("p.gpkg", b"no such thing")
    address = client.post("/places/layers/parcels/uploads/", {"file": given}).headers["Location"]
    jobs.work_on_uploads()
    page = client.get(address).content.decode()
    assert "Tệp bị lỗi" in page
    assert "Lớp dữ liệu vẫn như cũ." in page


@pytest.mark.django_db
def test_a_feature_is_changed_in_a_draft_with_its_history(tmp_path: Path, client_of: Callable[..., Client]) -> None:
    shown(tmp_path)
    client = client_of("administrator")
    [feature] = service.list_features(SYSTEM, "parcels", text="hai")
    address = f"/places/layers/parcels/features/{feature.fid}/"
    answer = client.post(f"{address}change/", {"id_": "2", "ten": "Hai mới"})
    assert answer.headers["Location"].endswith("/revisions/2/")
    assert "Hai mới" in client.get(answer.headers["Location"]).content.decode()
    assert service.get_feature(SYSTEM, "parcels", feature.fid).label == "Hai"
    client.post("/places/layers/parcels/revisions/2/review/")
    client.post("/places/layers/parcels/revisions/2/publish/")
    assert service.get_feature(SYSTEM, "parcels", feature.fid).label == "Hai mới"
    assert [each.label for each in service.list_versions(SYSTEM, "parcels", feature.fid)] == ["Hai mới", "Hai"]
    client.post(f"{address}remove/")
    assert service.compare(SYSTEM, "parcels", 2, 3).removed == 1


@pytest.mark.django_db
def test_a_shape_is_drawn_anew_in_a_draft_with_its_history(tmp_path: Path, client_of: Callable[..., Client]) -> None:
    shown(tmp_path)
    client = client_of("administrator")
    [feature] = service.list_features(SYSTEM, "parcels", text="hai")
    address = f"/places/layers/parcels/features/{feature.fid}/"
    told = {"id_": "2", "ten": "Hai"}
    for text, words in (
        ("POLYGON ((106.7 11, 106.701 11.001, 106.701 11, 106.7 11.001, 106.7 11))", "tự cắt"),
        ("POINT (106.7 11)", "khác loại"),
        ("POLYGON ((106.7 11, 106.701", "không đọc được"),
        ("POLYGON ((600000 1200000, 600100 1200000, 600100 1200100, 600000 1200000))", "nằm ngoài"),
        ("POLYGON EMPTY", "không có hình dạng"),
    ):
        answer = client.post(f"{address}change/", {**told, "geom": text})
        assert (answer.status_code, words in answer.content.decode()) == (422, True), text
    assert [each.number for each in service.list_revisions(SYSTEM, "parcels")] == [1]
    drawn = square(1, 0, 0.5)
    answer = client.post(f"{address}change/", {**told, "geom": drawn.wkt})
    assert answer.headers["Location"].endswith("/revisions/2/")
    [change] = service.compare(SYSTEM, "parcels", 1, 2).changes
    assert (change.fid, change.fields) == (feature.fid, ("geom",))
    # What is saved again as the form gave it stays to the last digit.
    client.post(f"{address}change/", {**told, "ten": "Hai mới", "geom": drawn.wkt})
    service.review(SYSTEM, "parcels", 2)
    service.publish_revision(SYSTEM, "parcels", 2)
    shapes = [each.shape for each in service.list_versions(SYSTEM, "parcels", feature.fid)]
    assert shapes[0].equals_exact(drawn, 1e-7)
    assert shapes[1].equals_exact(feature.shape, 0)


@pytest.mark.django_db
@pytest.mark.parametrize("visibility", list(Visibility))
def test_a_layer_is_there_for_those_who_may_see_it(
    tmp_path: Path, client_of: Callable[..., Client], visibility: Visibility, settings: Settings
) -> None:
    shown(tmp_path, visibility=visibility, owner="land")
    settings.VISITOR_ROLE = "viewer"
    seen = {
        "visitor": Client(),
        "operator": client_of("operator"),
        "officer of land": client_of("officer", "land"),
        "officer of water": client_of("officer", "water"),
        "administrator": client_of("administrator"),
    }
    expected = {
        Visibility.PUBLIC: set(seen),
        Visibility.INTERNAL: set(seen) - {"visitor"},
        Visibility.RESTRICTED: {"officer of land", "administrator"},
    }[visibility]
    [feature] = service.list_features(SYSTEM, "parcels", text="hai")
    for path in ("", "features.geojson", "revisions/1/", "revisions/1/changes.geojson", f"features/{feature.fid}/"):
        found = {who for who, client in seen.items() if client.get(f"/places/layers/parcels/{path}").status_code == 200}
        assert found == expected, path
    listed = {
        who
        for who, client in seen.items()
        if "/places/layers/parcels/" in client.get("/places/layers/").content.decode()
    }
    assert listed == expected
    assert seen["officer of water"].post("/places/layers/parcels/revisions/1/restore/").status_code in {403, 404}


@pytest.mark.django_db
def test_the_pages_ask_a_bounded_number_of_queries(
    tmp_path: Path, client_of: Callable[..., Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    shown(tmp_path)
    client = client_of("administrator")
    for path in ("", "parcels/", "parcels/revisions/1/", "parcels/revisions/1/changes.geojson"):
        with django_assert_max_num_queries(20):  # type: ignore[attr-defined]  # pytest-django's context
            assert client.get(f"/places/layers/{path}").status_code == 200


@pytest.mark.django_db
def test_a_key_that_no_column_gives_is_not_shown(tmp_path: Path, client_of: Callable[..., Client]) -> None:
    shown(tmp_path)
    make_layer("trees")
    path = collection(tmp_path / "t.geojson", ({"ten": "Cây một"}, GOOD))
    service.take(SYSTEM, "trees", path, Wish())
    service.review(SYSTEM, "trees", 1)
    service.publish_revision(SYSTEM, "trees", 1)
    [tree] = service.list_features(SYSTEM, "trees")
    client = client_of("administrator")
    for address in ("/places/layers/trees/", f"/places/layers/trees/features/{tree.fid}/", "/search/?q=cay+mot"):
        page = client.get(address).content.decode()
        assert "Cây một" in page, address
        assert tree.key not in page, address
    assert '<span class="num t2">1</span>' in client.get("/places/layers/parcels/").content.decode()
