"""A mapping that can't be used says which of its keys is wrong."""

from pathlib import Path

import pytest

from dothi.core.observations.importing.mapping import needed_columns, parse_mapping, read_mapping
from dothi.core.observations.importing.tests.test_service import AIR_MAPPING, LONG, WIDE
from dothi.kernel.errors import InvalidInput


def test_the_columns_that_are_read() -> None:
    assert needed_columns(parse_mapping(WIDE)) == ["ngày", "trạm", "PM2.5", "NO2"]
    assert needed_columns(parse_mapping(LONG)) == ["day", "hour", "what", "value"]


def test_the_shipped_mapping_is_sound() -> None:
    assert len(read_mapping(AIR_MAPPING).datastreams) == 8


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('source = "test"', "", "source"),
        ('source = "test"', "sauce = 1", "sauce"),
        ('zone = "Europe/Berlin"', 'zone = "Europe/Bärlin"', "zone"),
        ('zone = "Europe/Berlin"', 'zone = "../../etc/passwd"', "zone"),
        ('zone = "Europe/Berlin"', "", "zone"),
        ('format = "%d-%m-%Y %H:%M"', 'format = "%d.%m %H:%M"', "format"),
        ('column = "ngày"', "", "column"),
        ('column = "trạm"', 'column = "trạm"\nkey = "x"', "thing"),
        ('name = "Trạm {key}"', 'name = "{station}"', "key"),
        ("lat = 10.98", "", "lon and lat"),
        ("lat = 10.98", "lat = 109.8", "things"),
        ('column = "NO2"', 'column = "PM2.5"', "twice"),
        ('column = "NO2"', 'code = "NO2"', "column"),
        ("[sensor]", "[sensor", "line"),
    ],
)
def test_what_is_wrong_is_named(old: str, new: str, message: str) -> None:
    with pytest.raises(InvalidInput, match=message):
        parse_mapping(WIDE.replace(old, new, 1))


def test_a_mapping_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"none\.toml"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_text("source = 1", "utf-8")
    with pytest.raises(InvalidInput, match=r"bad\.toml.*source"):
        read_mapping(tmp_path / "bad.toml")
