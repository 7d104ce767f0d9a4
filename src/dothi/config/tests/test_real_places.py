"""Real files of places, by the command and in the browser: what is in comes in whole, what can't be is said."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec
import pytest
import shapely
from click.testing import CliRunner, Result
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django import Settings

from dothi.config.cli import main
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM
from dothi.core.places import jobs, service
from dothi.core.places.feeds import vietnam
from dothi.core.places.layers import service as layers
from dothi.core.places.layers.types import RevisionKind, UploadState
from dothi.core.places.rules.measuring import FAR_APART
from dothi.core.places.rules.succession import carry_back, carry_on, missing_shares
from dothi.core.places.tests.conftest import BINH_DUONG, city_clock
from dothi.core.places.tests.county import OUTLINE
from dothi.core.places.types import COMMUNE, Area, AsOf, ShareBasis, Succession

__all__ = ["city_clock"]
DATA: Final = Path(__file__).parents[5] / "shared" / "data" / "places"
WARDS: Final = DATA / "binh_duong_36_wards_2025.geojson"
COMMUNES: Final = DATA / "binh_duong_communes_legacy.geojson"
DISTRICTS: Final = DATA / "binh_duong_districts_legacy.geojson"
BEFORE: Final = date(2025, 6, 30)
OFFICIAL_KM2: Final = 2694.6

pytestmark = [
    pytest.mark.skipif(not WARDS.exists(), reason="the real files of ../shared/data are not here"),
    pytest.mark.usefixtures("city_clock"),
]


@pytest.fixture(autouse=True)
def beside(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings, city_clock: None
) -> None:
    """The commands and the pages use the tests' database, and no broker."""
    monkeypatch.setenv("DOTHI_DATABASE_URL", database_url)
    monkeypatch.setenv("DOTHI_MQTT_OUT_URL", "")
    settings.MEDIA_FOLDER = tmp_path / "media"


def places(*words: object) -> Result:
    return CliRunner().invoke(main, ["places", *map(str, words)])


def in_areas(path: Path, *words: object) -> dict[str, Any]:
    """Import shapes of units; gives what the command said would come of it."""
    said = places("import-areas", path, "--json", "--yes", *words)
    assert said.exit_code == 0, said.output
    told: dict[str, Any] = json.loads(said.stdout.splitlines()[0])
    return told


def communes(day: date | None = None) -> list[Area]:
    return service.list_areas(SYSTEM, AsOf(day) if day else None, level=COMMUNE)


def successions(areas: Sequence[Area], day: date) -> list[Succession]:
    """Give what became of units, and see that both ends say the same of it."""
    told = [each for area in areas for each in service.get_area(SYSTEM, area.id, AsOf(day)).successors]
    return [each.succession for each in told]


def test_the_reform_with_real_boundaries_loses_nothing() -> None:
    service.load(SYSTEM, vietnam.read(BINH_DUONG, OUTLINE))
    taken = in_areas(WARDS)
    assert (taken["taken"], taken["left"], taken["remarks"]) == (36, [], [])
    # Shapes that measure over 2 % otherwise than is stated of their units are told, the farthest first.
    assert [name for name, _, _ in taken["deviations"]][:3] == ["Phường Tân Uyên", "Xã Minh Thạnh", "Phường Đông Hòa"]
    again = places("import-areas", WARDS, "--yes")
    assert "Nothing is new" in again.stderr
    old = in_areas(
        COMMUNES, "--on", BEFORE, "--name-field", "commune_vn", "--parent-field", "district_vn", "--source", "2009"
    )
    assert (old["taken"], old["left"]) == (91, [])
    # Fourteen communes became wards or townships after the file was drawn; it still calls them what they were.
    assert len(old["remarks"]) == 14
    assert all(each["problem"].startswith("the file calls it Xã ") and each["remedy"] for each in old["remarks"])

    before, now = communes(BEFORE), communes()
    assert (len(before), len(now)) == (91, 36)
    assert not any(area.is_illustrative for area in [*before, *now])
    see_areas(taken, now)
    became = successions(before, BEFORE)
    assert {each.predecessor_id for each in became} == {area.id for area in before}
    assert {each.successor_id for each in became} == {area.id for area in now}
    assert max(abs(missing) for missing in missing_shares(became).values()) < 0.02
    assert {each.basis for each in became} == {ShareBasis.WHOLE, ShareBasis.AREA}
    # A series of the old units reads on the new ones, and back, with the same sum.
    people = {area.id: 1000.0 + area.id for area in before}
    whole = [msgspec.structs.replace(each, share=_normalised(each, became)) for each in became]
    on = carry_on(people, whole)
    assert sum(each.value for each in on.values()) == pytest.approx(sum(people.values()))
    back = carry_back(
        {area_id: each.value for area_id, each in on.items()},
        whole,
        km2={area.id: area.km2 or 0 for area in before},
    )
    assert sum(each.value for each in back.values()) == pytest.approx(sum(people.values()))


def see_areas(taken: dict[str, Any], now: Sequence[Area]) -> None:
    """See what is stated and what is drawn of the units, together and one by one, and that the command tells it."""
    # What is stated of the 36 units adds up to the official sum. Their drawn shapes add up to 0.105 % more on the
    # spheroid, and in the plane of the province's own projection 0.110 % more: it is the boundaries that differ.
    stated, drawn = sum(area.stated_km2 or 0 for area in now), sum(area.km2 or 0 for area in now)
    assert stated == pytest.approx(OFFICIAL_KM2, rel=1e-3)
    assert drawn == pytest.approx(OFFICIAL_KM2 * 1.00105, rel=1e-5)
    assert plane_km2(now) == pytest.approx(OFFICIAL_KM2 * 1.00110, rel=1e-5)
    assert taken["together"] == ["", pytest.approx(drawn), pytest.approx(stated)]
    told = {name: measured / own - 1 for name, measured, own in taken["deviations"]}
    shares = {area.full_name("vi"): (area.km2 or 0) / (area.stated_km2 or 1) - 1 for area in now}
    assert told == pytest.approx({name: share for name, share in shares.items() if abs(share) > FAR_APART})
    assert max(map(abs, told.values())) == pytest.approx(0.074, abs=5e-4)


def plane_km2(areas: Sequence[Area]) -> float:
    """Measure units together in the plane of VN-2000 / TM-3 105-45: that of cadastral offices there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(ST_Area(ST_Transform(shape, 9210))) / 1e6 FROM places_version WHERE id = ANY(%s)",
            [[area.version_id for area in areas]],
        )
        [(km2,)] = cursor.fetchall()
    return float(km2)


def _normalised(succession: Succession, told: Sequence[Succession]) -> float:
    return succession.share / sum(each.share for each in told if each.predecessor_id == succession.predecessor_id)


def test_a_file_of_the_whole_city_and_one_of_another_level() -> None:
    service.load(SYSTEM, vietnam.read(BINH_DUONG, OUTLINE))
    districts = in_areas(
        DISTRICTS, "--level", "district", "--on", BEFORE, "--name-field", "district_vn", "--source", "2009"
    )
    assert districts["taken"] == 9
    refused = places("import-areas", COMMUNES, "--on", BEFORE, "--yes")
    assert (refused.exit_code, "which field holds code or name?" in refused.stderr) == (1, True)
    # Two communes of one name: without the units above, which one is meant is not ours to say.
    doubtful = places("import-areas", COMMUNES, "--on", BEFORE, "--name-field", "commune_vn", "--yes")
    assert doubtful.exit_code == 3
    assert "2 units are called so → CAN NOT BE TAKEN" in doubtful.stdout
    assert all(area.is_illustrative for area in communes(BEFORE))


class File(NamedTuple):
    """A real file, how it is to be read, and how many features are in it: 0 for an unknown number."""

    name: str
    wish: dict[str, str]
    features: int
    is_daily: bool = True
    """Whether every run of the tests tries it; the others show the same at more expense."""


FILES: Final = (
    File(WARDS.name, {}, 36),
    File("hcmc_168_wards_2025.geojson.gz", {}, 168, is_daily=False),
    File("hcmc_2025_boundary.geojson", {}, 1, is_daily=False),
    File(COMMUNES.name, {"key_field": "commune_id", "label_field": "commune_vn"}, 91),
    File(DISTRICTS.name, {"key_field": "district_id", "label_field": "district_vn"}, 9, is_daily=False),
    File(
        "binh_duong_legacy_units.csv",
        {"key_field": "wardCode", "label_field": "ward", "x_field": "wardLon", "y_field": "wardLat"},
        91,
    ),
    File(
        "hcmc_new_units.csv",
        {"key_field": "wardCode", "label_field": "ward", "x_field": "wardLon", "y_field": "wardLat"},
        168,
        is_daily=False,
    ),
    File("district1.osm.pbf", {"sublayer": "lines"}, 0),
    File("hcmc_district3.osm.gz", {"sublayer": "multipolygons"}, 0, is_daily=False),
)


@pytest.mark.parametrize(
    "file",
    [pytest.param(each, id=each.name, marks=() if each.is_daily else pytest.mark.nightly) for each in FILES],
)
def test_each_file_comes_in_by_command_and_in_the_browser(file: File) -> None:
    options = [word for name, value in file.wish.items() for word in (f"--{name.replace('_', '-')}", value)]
    said = places("import-layer", DATA / file.name, "--layer", "real", "--name-vi", "Thật", "--publish", "--yes",
                  *options)  # fmt: skip
    assert said.exit_code == 0, said.output
    first = layers.get_revision(SYSTEM, "real", 1)
    assert first.counts.left_out == 0
    if file.features:
        assert first.counts.features == file.features
    person, _ = User.objects.get_or_create(username="somebody")
    person.grants.get_or_create(role="administrator", department="")
    client = Client()
    client.force_login(person)
    given = SimpleUploadedFile(file.name, (DATA / file.name).read_bytes())
    address = client.post("/places/layers/real/uploads/", {"file": given, **file.wish}).headers["Location"]
    jobs.work_on_uploads()
    client.post(f"{address}accept/")
    jobs.work_on_uploads()
    [upload] = layers.list_uploads(SYSTEM, "real")
    assert (upload.state, upload.revision) == (UploadState.TAKEN, 2), upload.problem
    second = layers.get_revision(SYSTEM, "real", 2)
    assert (second.kind, second.digest, second.crs) == (RevisionKind.IMPORT, first.digest, first.crs)
    # The same file by the other way is the same content, feature by feature.
    same = layers.compare(SYSTEM, "real", 1, 2)
    assert (same.added, same.removed, same.changed) == (0, 0, 0)
    assert second.counts.features == first.counts.features > 0
    assert shapely.is_valid([each.shape for each in layers.list_features(SYSTEM, "real", number=2, limit=5000)]).all()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("hcmc_168_wards_2025.csv", "which columns hold the place"),
        ("converter_2025.json.gz", "can't be read"),
        ("district1.osm.pbf", "which layer of district1.osm.pbf is meant? It has"),
    ],
)
def test_what_holds_no_places_says_so(name: str, words: str) -> None:
    said = places("import-layer", DATA / name, "--layer", "real", "--name-vi", "Thật", "--yes")
    assert said.exit_code == 1
    assert words in said.stderr
    assert layers.list_revisions(SYSTEM, "real") == []
