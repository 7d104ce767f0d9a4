"""Files become drafts, drafts become what is shown, and what was shown can be had back."""

from pathlib import Path
from typing import Any

import pytest
import shapely
from django.db import connection

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.tests.files import collection, parquet, square, write, zipped
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import ChangeKind, Revision, RevisionState, Unfit, Wish
from dothi.kernel.errors import Conflict, InvalidInput

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("city_clock")]
COLUMNS: dict[str, list[Any]] = {
    "ma_thua": ["1", "2", "3"],
    "Tên": ["Thửa một", "Thửa hai", "Thửa ba"],
    "dt": [100, 200, 300],
}
SQUARES = [square(0, 0), square(2, 0), square(4, 0)]


def take(path: Path, **wish: object) -> Revision:
    return service.take(SYSTEM, "parcels", path, Wish(**wish))  # type: ignore[arg-type]  # as tests give it


def show(revision: Revision) -> Revision:
    service.review(SYSTEM, "parcels", revision.number)
    return service.publish_revision(SYSTEM, "parcels", revision.number)


def viewed(columns: str = "key, ten, dt") -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM layers.parcels ORDER BY key")
        return list(cursor.fetchall())


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".zip", ".fgb", ".parquet", ".csv", ".kml"])
def test_every_format_brings_the_same(tmp_path: Path, suffix: str) -> None:
    make_layer()
    path = tmp_path / f"parcels{suffix}"
    if suffix == ".parquet":
        parquet(path, SQUARES, COLUMNS)
    elif suffix == ".csv":
        lines = [
            f'{k};{n};{d};"{shapely.to_wkt(s, rounding_precision=-1)}"'
            for k, n, d, s in zip(*COLUMNS.values(), SQUARES, strict=True)
        ]
        path.write_text("\n".join(["ma_thua;Tên;dt;wkt", *lines]), encoding="utf-8")
    elif suffix == ".zip":
        path = zipped(write(path.with_suffix(".shp"), SQUARES, COLUMNS, encoding="UTF-8"))
    else:
        write(path, SQUARES, COLUMNS)
    revision = take(path, crs="EPSG:4326" if suffix == ".csv" else "")
    assert (revision.counts.features, revision.counts.added, revision.state) == (3, 3, RevisionState.DRAFT)
    assert service.list_features(SYSTEM, "parcels") == []
    show(revision)
    hundred = str if suffix == ".kml" else int  # GDAL writes no numbers into KML's schema
    assert viewed() == [
        (key, f"Thửa {name}", hundred(100 * int(key))) for key, name in zip("123", ["một", "hai", "ba"], strict=True)
    ]
    found = service.list_touching(SYSTEM, square(2.2, 0.2, 0.1))["parcels"]
    assert [feature.key for feature in found] == ["2"]
    assert shapely.hausdorff_distance(found[0].shape, SQUARES[1]) < 1e-9
    assert found[0].label == "Thửa hai"


KML = """<?xml version="1.0" encoding="UTF-8"?>
<kml xmlns="http://www.opengis.net/kml/2.2"><Document><name>Tệp</name>
<Schema name="t" id="t"><SimpleField name="ma_thua" type="string"/><SimpleField name="dt" type="float"/></Schema>
<Folder><name>Thửa đất</name>
<Placemark{id}><name>Thửa một</name><ExtendedData><SchemaData schemaUrl="#t"><SimpleData name="ma_thua">1</SimpleData>
<SimpleData name="dt">100.5</SimpleData></SchemaData></ExtendedData><Polygon><outerBoundaryIs><LinearRing><coordinates>
106.7,11,5 106.701,11,5 106.701,11.001,5 106.7,11.001,5 106.7,11,5
</coordinates></LinearRing></outerBoundaryIs></Polygon></Placemark>
<Placemark><name>Trạm bơm</name><description>ghi chú</description>
<ExtendedData><Data name="ma_thua"><value>2</value></Data></ExtendedData>
<Point><coordinates>106.7,11</coordinates></Point></Placemark>
</Folder></Document></kml>"""


@pytest.mark.parametrize("named", ["", ' id="x1"'])
def test_kml_brings_what_it_says_and_not_how_it_is_drawn(tmp_path: Path, named: str) -> None:
    """Globes' files give each placemark a dozen columns that say nothing, and an id that is the file's own."""
    make_layer()
    path = tmp_path / "places.kml"
    path.write_text(KML.format(id=named), encoding="utf-8")
    revision = show(take(path))
    assert revision.crs == "EPSG:4326"
    told = {each.key: each for each in service.list_features(SYSTEM, "parcels")}
    assert told["1"].attributes == {"name": "Thửa một", "ma_thua": "1", "dt": 100.5}
    assert told["2"].attributes == {"name": "Trạm bơm", "ma_thua": "2", "description": "ghi chú"}
    assert told["1"].label == "Thửa một"
    assert not told["1"].shape.has_z
    assert shapely.hausdorff_distance(told["1"].shape, square(0, 0)) < 1e-9


def test_vn2000_comes_as_wgs84_and_the_system_is_kept(tmp_path: Path) -> None:
    make_layer()
    revision = show(take(write(tmp_path / "p.gpkg", SQUARES, COLUMNS, crs="EPSG:9210")))
    assert revision.crs == "EPSG:9210"
    [found] = service.list_touching(SYSTEM, square(0.2, 0.2, 0.1))["parcels"]
    assert shapely.hausdorff_distance(found.shape, SQUARES[0]) < 1e-7


def test_the_next_file_differs_and_the_first_can_be_had_back(tmp_path: Path) -> None:
    make_layer()
    first = show(take(write(tmp_path / "a.gpkg", SQUARES, COLUMNS)))
    old = {each.key: each.fid for each in service.list_features(SYSTEM, "parcels")}
    columns: dict[str, list[Any]] = {
        "ma_thua": ["1", "2", "4"],
        "Tên": ["Thửa một", "Thửa hai mới", "Thửa bốn"],
        "dt": [100, 200, 400],
    }
    second = take(write(tmp_path / "b.gpkg", [SQUARES[0], square(2, 1), square(6, 0)], columns))
    assert (second.counts.added, second.counts.removed, second.counts.changed) == (1, 1, 1)
    assert [each.key for each in service.list_features(SYSTEM, "parcels")] == ["3", "2", "1"]
    with pytest.raises(Conflict, match="reviewed"):
        service.publish_revision(SYSTEM, "parcels", second.number)
    with pytest.raises(Conflict, match="open"):
        take(tmp_path / "a.gpkg")
    show(second)
    difference = service.compare(SYSTEM, "parcels", first.number, second.number)
    told = [(each.kind, each.key, each.fields) for each in difference.changes]
    assert told == [
        (ChangeKind.CHANGED, "2", ("ten", "geom")),
        (ChangeKind.ADDED, "4", ()),
        (ChangeKind.REMOVED, "3", ()),
    ]
    back = service.compare(SYSTEM, "parcels", second.number, first.number)
    assert (back.added, back.removed, back.changed) == (1, 1, 1)
    third = show(service.restore(SYSTEM, "parcels", first.number))
    assert third.restored == first.number
    assert {each.key: each.fid for each in service.list_features(SYSTEM, "parcels")} == old
    same = service.compare(SYSTEM, "parcels", first.number, third.number)
    assert (same.added, same.removed, same.changed) == (0, 0, 0)
    assert [each.since for each in service.list_versions(SYSTEM, "parcels", old["2"])] == [3, 2, 1]
    assert len(service.list_features(SYSTEM, "parcels", number=second.number)) == 3


def test_a_discarded_draft_leaves_all_as_it_was(tmp_path: Path) -> None:
    make_layer()
    show(take(write(tmp_path / "a.gpkg", SQUARES, COLUMNS)))
    before = viewed("id, key, ten, dt, geom")
    draft = take(write(tmp_path / "b.gpkg", [square(9, 9)], {"ma_thua": ["1"], "Tên": ["khác"], "dt": [1]}))
    assert viewed("id, key, ten, dt, geom") == before
    service.discard(SYSTEM, "parcels", draft.number)
    assert viewed("id, key, ten, dt, geom") == before
    again = take(tmp_path / "a.gpkg")
    assert (again.counts.added, again.counts.removed, again.counts.changed) == (0, 0, 0)


def test_the_preview_says_what_is_wrong_and_changes_nothing(tmp_path: Path) -> None:
    make_layer()
    bow = {
        "type": "Polygon",
        "coordinates": [[[106.7, 11], [106.701, 11.001], [106.701, 11], [106.7, 11.001], [106.7, 11]]],
    }
    good = {"type": "Point", "coordinates": [106.7, 11]}
    path = collection(
        tmp_path / "mixed.geojson",
        ({"id": "a"}, bow),
        ({"id": "b"}, None),
        ({"id": "c"}, good),
        ({"id": "c"}, good),
        ({"id": "d"}, {"type": "Point", "coordinates": [600000, 1200000]}),
    )
    report = service.examine(SYSTEM, "parcels", path, Wish())
    assert (report.read, report.taken, report.repaired, report.unfit) == (5, 2, 1, 3)
    told = {(each.number, bool(each.remedy)) for each in report.remarks}
    assert told == {(1, True), (2, False), (4, False), (5, False)}
    assert service.list_revisions(SYSTEM, "parcels") == []
    with pytest.raises(Conflict, match="3 features"):
        take(path)
    assert service.list_revisions(SYSTEM, "parcels") == []
    revision = take(path, unfit=Unfit.LEAVE_OUT)
    assert (revision.counts.features, revision.counts.left_out, len(revision.remarks)) == (2, 3, 4)


def test_who_listens_can_end_an_import(tmp_path: Path) -> None:
    make_layer()

    def stop(done: int, total: int) -> None:
        raise Conflict(f"stopped at {done} of {total}")

    with pytest.raises(Conflict, match="stopped at 3 of 3"):
        service.take(SYSTEM, "parcels", write(tmp_path / "a.gpkg", SQUARES, COLUMNS), Wish(), tell=stop)
    assert service.list_revisions(SYSTEM, "parcels") == []
    assert take(tmp_path / "a.gpkg").number == 1


def test_a_system_that_is_not_told_is_asked_for(tmp_path: Path) -> None:
    make_layer()
    path = tmp_path / "p.csv"
    path.write_text("ma,x,y\n001,604000,1216000\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match="reference system"):
        take(path)
    show(take(path, crs="EPSG:9210"))
    [feature] = service.list_features(SYSTEM, "parcels")
    assert (feature.key, feature.attributes) == ("001", {"ma": "001"})


def test_a_timetables_stops_need_no_explanation(tmp_path: Path) -> None:
    make_layer()
    path = tmp_path / "stops.txt.csv"
    path.write_text("stop_id,stop_name,stop_lat,stop_lon\n7,Chợ,11.0,106.7\n", encoding="utf-8")
    report = service.examine(SYSTEM, "parcels", path, Wish())
    assert (report.crs, report.sublayer, report.key_field, report.label_field) == (
        "EPSG:4326",
        "",
        "stop_id",
        "stop_name",
    )
    show(take(path))
    [feature] = service.list_features(SYSTEM, "parcels")
    assert (feature.key, feature.label, feature.shape) == ("7", "Chợ", shapely.Point(106.7, 11.0))


def test_a_plain_files_only_layer_has_no_name_of_its_own(tmp_path: Path) -> None:
    make_layer()
    path = collection(tmp_path / "0f3a.geojson", ({"id": 1}, {"type": "Point", "coordinates": [106.7, 11.0]}))
    assert service.examine(SYSTEM, "parcels", path, Wish()).sublayer == ""
