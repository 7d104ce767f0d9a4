"""Photos: what is kept of them and what is not, and what is refused."""

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dothi.core.incidents import photos
from dothi.core.incidents.tests.ordering import photo
from dothi.core.incidents.types import Picture
from dothi.kernel.errors import InvalidInput, TooLarge

PLACE = (106.67, 11.05)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_pixels_are_kept_and_nothing_else(tmp_path: Path, form: str) -> None:
    kept = photos.take_in(Picture(photo(form=form, place=PLACE)), folder=tmp_path)
    file = photos.file_of(tmp_path, kept.digest)
    with Image.open(file) as image:
        assert (image.format, image.size, dict(image.getexif())) == ("JPEG", (64, 48), {})
    assert b"maker" not in file.read_bytes()
    assert (kept.lon, kept.lat) == (None, None)


def test_the_place_is_kept_where_that_is_wanted(tmp_path: Path) -> None:
    kept = photos.take_in(Picture(photo(place=PLACE), keeps_place=True), folder=tmp_path)
    assert (kept.lon, kept.lat) == PLACE
    assert b"Exif" not in photos.file_of(tmp_path, kept.digest).read_bytes()


def test_a_turned_photo_stands_upright_and_a_large_one_gets_smaller(tmp_path: Path) -> None:
    kept = photos.take_in(Picture(photo(size=(4000, 1000), turned=True)), folder=tmp_path)
    assert (kept.width, kept.height) == (512, 2048)
    with Image.open(photos.file_of(tmp_path, kept.digest, small=True)) as image:
        assert image.size == (90, 360)


def test_the_same_photo_twice_is_one_file(tmp_path: Path) -> None:
    first, second = (photos.take_in(Picture(photo()), folder=tmp_path) for _ in range(2))
    assert first == second
    assert len(list(tmp_path.rglob("*.jpg"))) == 2, "the photo and its small one"


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(out, "PNG")
    kept = photos.take_in(Picture(out.getvalue()), folder=tmp_path)
    with Image.open(photos.file_of(tmp_path, kept.digest)) as image:
        assert image.getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [b"", b"no photo", b"GIF89a" + bytes(100), photo()[:200], b"\x00\x00\x00\x18ftypheic" + bytes(100)],
    ids=["nothing", "text", "gif", "cut", "heic"],
)
def test_what_is_no_photo_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(InvalidInput):
        photos.take_in(Picture(content), folder=tmp_path)
    assert not list(tmp_path.rglob("*.jpg"))


def test_what_is_too_large_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        photos.take_in(Picture(bytes(photos.MOST_BYTES + 1)), folder=tmp_path)
    out = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(out, "PNG")
    with pytest.raises(TooLarge):
        photos.take_in(Picture(out.getvalue()), folder=tmp_path)


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow says what it leaves out of a damaged file
@given(cut=st.integers(0, 2000), flips=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8))
def test_a_damaged_photo_is_taken_or_refused_and_never_worse(
    tmp_path_factory: pytest.TempPathFactory, cut: int, flips: list[tuple[int, int]]
) -> None:
    content = bytearray(photo(place=PLACE))
    for at, value in flips:
        content[at % len(content)] = value
    try:
        cut_off = Picture(bytes(content[: max(cut, 1)]), keeps_place=True)
        kept = photos.take_in(cut_off, folder=tmp_path_factory.getbasetemp())
    except InvalidInput:
        return
    assert kept.lat is None or abs(kept.lat) <= 90
