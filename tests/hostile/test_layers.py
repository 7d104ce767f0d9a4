"""Files of layers that are broken or meant to harm: each gets a clear answer, and the layer stays as it was."""

import json
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shapely

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.reading import process
from dothi.core.places.layers.reading.judging import BY_CONTENT
from dothi.core.places.layers.reading.protocol import Wants
from dothi.core.places.layers.rules.content import row
from dothi.core.places.layers.rules.texts import TCVN3
from dothi.core.places.layers.tests.files import collection, parquet, square, write, zipped
from dothi.core.places.layers.tests.writing import make_layer
from dothi.core.places.layers.types import Counted, Report, Said, Saying, Wish
from dothi.core.places.rules.mending import MOST_VERTICES
from dothi.kernel.errors import Conflict, InvalidInput
from tests.hostile.packed import PACKED, make_bomb

pytestmark = pytest.mark.django_db
GOOD = {"type": "Point", "coordinates": [106.7, 11.0]}


@pytest.fixture(autouse=True)
def untouched(db: None, tmp_path: Path) -> Iterator[None]:
    """A layer that shows three parcels, and still does when the test is over."""
    make_layer()
    path = write(tmp_path / "first.gpkg", [square(n, 0) for n in range(3)], {"id": ["1", "2", "3"]})
    service.take(SYSTEM, "parcels", path, Wish())
    service.review(SYSTEM, "parcels", 1)
    service.publish_revision(SYSTEM, "parcels", 1)
    before = service.list_features(SYSTEM, "parcels")
    yield
    assert service.list_features(SYSTEM, "parcels") == before
    assert [each.number for each in service.list_revisions(SYSTEM, "parcels")] == [1]


def refused(path: Path, words: str, **wish: object) -> None:
    """Neither the preview nor the import takes the file, and both say why."""
    for ask in (service.examine, service.take):
        with pytest.raises((InvalidInput, Conflict), match=words):
            ask(SYSTEM, "parcels", path, Wish(**wish))  # type: ignore[arg-type]  # as tests give it


def not_taken(path: Path, words: str, **wish: object) -> None:
    """The preview says what is wrong with each feature, and the import takes none."""
    with pytest.raises(Conflict, match=words):
        service.take(SYSTEM, "parcels", path, Wish(**wish))  # type: ignore[arg-type]  # as above


def examined(path: Path, **wish: object) -> Report:
    return service.examine(SYSTEM, "parcels", path, Wish(**wish))  # type: ignore[arg-type]  # as above


@pytest.mark.parametrize("packed", PACKED)
def test_a_file_that_unpacks_to_far_more_than_it_is(tmp_path: Path, packed: str) -> None:
    refused(make_bomb(tmp_path, packed), "unpacks to far more")


@pytest.mark.parametrize("name", ["../../evil.shp", "/etc/evil.shp", "..\\evil.shp", "C:\\evil.shp"])
def test_an_archive_that_leads_out_of_its_folder(tmp_path: Path, name: str) -> None:
    path = tmp_path / "out.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, b"x")
    refused(path, "leads out of it")


@pytest.mark.parametrize("part", [".shx", ".dbf"])
def test_a_shapefile_without_one_of_its_parts(tmp_path: Path, part: str) -> None:
    path = zipped(write(tmp_path / "p.shp", [square(0, 0)], {"id": ["1"]}, encoding="UTF-8"), but=[part])
    refused(path, f"lacks its part {part}")


def test_a_shapefile_without_its_reference_system(tmp_path: Path) -> None:
    path = zipped(write(tmp_path / "p.shp", [square(0, 0)], {"id": ["1"]}, encoding="UTF-8"), but=[".prj"])
    refused(path, "no reference system")


def test_broken_archives_and_files_that_are_something_else(tmp_path: Path) -> None:
    for name, content in {
        "a.zip": b"PK\3\4 cut short",
        "b.gpkg": b"SQLite format 3\0" + b"\0" * 100,
        "c.geojson": b'{"type": "FeatureCollection", "features": [{"ty',
        "d.fgb": b"fgb\3fgb\0 and no more",
        "e.parquet": b"PAR1 and no more",
        "f.kml": b"<kml><Placemark>",
        "g.pbf": b"\0\0\0\x0d\x0a\x09OSMHeader",
        "h.gpkg": b"<OGRVRTDataSource></OGRVRTDataSource>",
        "i.exe": b"MZ",
        "j.csv": b"",
        "k.geojson.gz": b"\x1f\x8b cut",
    }.items():
        path = tmp_path / name
        path.write_bytes(content)
        refused(path, "can't be|none of|is no|no columns|holds no feature|no reference|which layer")


def test_references_to_elsewhere_are_not_followed(tmp_path: Path) -> None:
    """GDAL's virtual format names other files and addresses; under another ending it is not even opened."""
    secret = write(tmp_path / "secret.gpkg", [square(5, 5)], {"id": ["secret"]})
    source = f"<SrcDataSource>{secret}</SrcDataSource>"
    told = f"<OGRVRTDataSource><OGRVRTLayer name='secret'>{source}</OGRVRTLayer></OGRVRTDataSource>"
    path = tmp_path / "map.kml"
    path.write_text(told, encoding="utf-8")
    refused(path, "can't be read")
    link = tmp_path / "link.kml"
    link.write_text(
        "<kml xmlns='http://www.opengis.net/kml/2.2'><Document><NetworkLink><Link><href>http://127.0.0.1:1/x.kml</href>"
        "</Link></NetworkLink></Document></kml>",
        encoding="utf-8",
    )
    assert examined(link, key_field=BY_CONTENT).read == 0
    not_taken(link, "holds no feature", key_field=BY_CONTENT)


def test_a_polygon_of_ten_million_vertices(tmp_path: Path) -> None:
    turn = np.linspace(0, 2 * np.pi, 10_000_000, endpoint=False)
    ring = np.column_stack([106.7 + 0.1 * np.cos(turn), 11 + 0.1 * np.sin(turn)])
    path = write(tmp_path / "huge.gpkg", [shapely.Polygon(ring)], {"id": ["x"]})
    report = examined(path)
    assert (report.taken, report.unfit) == (0, 1)
    assert report.remarks[0].problem == Said(Saying.TOO_MANY_VERTICES, number=MOST_VERTICES)
    not_taken(path, "can't be taken")


def test_more_memory_than_a_file_may_take_is_told(tmp_path: Path) -> None:
    ring = [[106.6 + n * 1e-6, 11.0 + n * 1e-6] for n in range(2000)]
    shape = {"type": "Polygon", "coordinates": [[*ring, [106.6, 11.0], ring[0]]]}
    path = collection(tmp_path / "large.geojson", *[({"id": n}, shape) for n in range(400)])
    with pytest.raises(InvalidInput, match="memory"):
        list(process.read(path, Wish(), wants=Wants.ROWS, memory=350_000_000))


def test_shapes_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_text(
        "id,wkt\n1,POINT EMPTY\n2,POINT (nan nan)\n3,\n4,no shape at all\n5,POINT (1e30 5)\n6,POINT (600000 1200000)\n",
        encoding="utf-8",
    )
    report = examined(path, crs="EPSG:4326")
    assert (report.read, report.taken, report.unfit) == (6, 0, 6)
    assert {remark.number for remark in report.remarks} == {1, 2, 3, 4, 5, 6}
    not_taken(path, "can't be taken", crs="EPSG:4326")


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_coordinates_that_are_no_numbers_in_a_binary_file(tmp_path: Path, number: float) -> None:
    ring = [(106.7, 11.0), (106.701, 11.0), (number, 11.001), (106.7, 11.0)]
    with np.errstate(invalid="ignore"):
        shapes = [shapely.Polygon(ring), shapely.LineString(ring), shapely.Polygon(), shapely.MultiPolygon()]
    path = parquet(tmp_path / "odd.parquet", shapes, {"id": ["1", "2", "3", "4"]})
    report = examined(path)
    assert (report.taken, report.unfit) == (0, 4)
    assert [each.problem.code for each in report.remarks if each.number < 3] == [Saying.NO_NUMBER] * 2
    assert [each.problem.code for each in report.remarks if each.number > 2] == [Saying.NO_SHAPE] * 2
    not_taken(path, "4 features can't be taken")


def test_the_same_id_twice(tmp_path: Path) -> None:
    path = collection(tmp_path / "twice.geojson", ({"id": "7"}, GOOD), ({"id": "7"}, GOOD))
    report = examined(path)
    assert (report.taken, report.unfit) == (1, 1)
    assert report.remarks[0].problem == Said(Saying.SAME_KEY, "id_", key="7", number=1)
    assert report.problems == (Counted(Said(Saying.SAME_KEY, "id_"), None, 1),)
    not_taken(path, "1 features can't be taken")


def test_self_intersections_are_repaired_and_told(tmp_path: Path) -> None:
    bow = [[[106.7, 11], [106.701, 11.001], [106.701, 11], [106.7, 11.001], [106.7, 11]]]
    report = examined(collection(tmp_path / "bow.geojson", ({"id": 1}, {"type": "Polygon", "coordinates": bow})))
    assert (report.taken, report.repaired) == (1, 1)
    assert report.remarks[0].problem == Said(Saying.INVALID, "Self-intersection")
    assert report.remarks[0].remedy == Said(Saying.REPAIRED_MUCH)


def test_what_lies_elsewhere_is_said(tmp_path: Path) -> None:
    swapped = {"type": "Point", "coordinates": [11.0, 106.7 - 90]}
    report = examined(collection(tmp_path / "far.geojson", ({"id": 1}, swapped)))
    assert report.warnings == (Said(Saying.ALL_FAR),)


@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3"])
def test_old_vietnamese_text_is_known_and_read(tmp_path: Path, encoding: str) -> None:
    names = ["Phường Phú Lợi", "Xã Thường Tân", "Thửa đất số bảy mươi", "Đường Cách mạng tháng Tám"]
    path = tmp_path / "old.csv"
    lines = ["id,ten,lon,lat", *(f"{n},{name},106.7,11.{n}" for n, name in enumerate(names))]
    path.write_bytes(b"\n".join(_old(line, encoding) for line in lines))
    report = examined(path)
    assert report.encoding == encoding
    assert [each["ten"] for each in report.sample] == names


@pytest.mark.parametrize("encoding", ["windows-1258", "tcvn3"])
@pytest.mark.parametrize("told", [True, False])
def test_old_vietnamese_text_in_a_shapefile(tmp_path: Path, encoding: str, told: bool) -> None:
    """Whether or not the file says that its texts are Latin-1: what wrote it knew no better."""
    names = ["Phường Phú Lợi", "Xã Thường Tân", "Đường Cách mạng tháng Tám"]
    columns = {"id": ["1", "2", "3"], "ten": [_old(name, encoding).decode("latin-1") for name in names]}
    path = write(tmp_path / "old.shp", [square(n, 9) for n in range(3)], columns, encoding="ISO-8859-1")
    report = examined(zipped(path, but=[] if told else [".cpg"]))
    assert report.encoding == encoding
    assert [each["ten"] for each in report.sample] == names


def _old(text: str, encoding: str) -> bytes:
    if encoding == "tcvn3":
        bytes_of = {letter: bytes([byte]) for byte, letter in TCVN3.items()}
        return b"".join(bytes_of.get(letter, letter.encode("latin-1", errors="replace")) for letter in text)
    return b"".join(_of_1258(letter) for letter in text)


def _of_1258(letter: str) -> bytes:
    """Windows-1258 has vowels with hat, horn and breve whole, and the five tones as signs behind."""
    plain = unicodedata.normalize("NFD", letter)
    tones = [sign for sign in plain if sign in "\u0300\u0301\u0303\u0309\u0323"]
    stem = unicodedata.normalize("NFC", "".join(sign for sign in plain if sign not in tones))
    return stem.encode("cp1258") + "".join(tones).encode("cp1258")


def test_texts_can_not_leave_their_column() -> None:
    """What a file says becomes rows of COPY: tabs, line ends and backslashes are texts like any other."""
    written = row("a\tb\n\\.", "c\\N\r\0", b"\1" * 16, json.dumps({"x": "\\\t"}).encode(), b"\0")
    assert written.count(b"\t") == 5
    assert written.count(b"\n") == 1
    assert written.endswith(b"\n")
