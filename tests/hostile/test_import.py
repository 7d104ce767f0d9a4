"""Files that no honest station writes: each bad row is reported with its line, a bad file stores nothing at all."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as parquet
import pytest
from django.db import connection

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.importing import service
from dothi.core.observations.importing.mapping import parse_mapping
from dothi.core.observations.importing.types import Bad
from dothi.kernel.errors import InvalidInput
from tests.hostile.tables import count_all

HUGE = "9" * 400
MAPPING = """
source = "hostile"
[time]
column = "t"
{zone}
[thing]
column = "id"
[sensor]
name = "s"
[[datastreams]]
column = "a"
observed_property = {{ name = "A", definition = "urn:hostile:a" }}
[[datastreams]]
column = "b"
kind = "text"
observed_property = {{ name = "B", definition = "urn:hostile:b" }}
"""
ZONED, BARE = MAPPING.format(zone='zone = "UTC"'), MAPPING.format(zone="")
GOOD = "one,2026-01-01T00:00:00Z,1,x"

ROWS: list[tuple[str, str, str]] = [
    ("NaN", "one,2026-01-01T00:00:00Z,NaN,", "a"),
    ("infinite", "one,2026-01-01T00:00:00Z,-inf,", "a"),
    ("10^400", "one,2026-01-01T00:00:00Z,1e400,", "a"),
    ("400 digits", f"one,2026-01-01T00:00:00Z,{HUGE},", "a"),
    ("no number", "one,2026-01-01T00:00:00Z,0x10,", "a"),
    ("no zone", "one,2026-01-01T00:00:00,1,", "t"),
    ("year 0", "one,0000-01-01T00:00:00Z,1,", "t"),
    ("year 1", "one,0001-01-01T00:00:00+14:00,1,", "t"),
    ("too far ahead", "one,2500-01-01T00:00:00Z,1,", "t"),
    ("no such day", "one,2026-02-30T00:00:00Z,1,", "t"),
    ("a time of a million digits", f"one,{'9' * 1_000_000},1,", "t"),
    ("NUL in a text", "one,2026-01-01T00:00:00Z,,a\0b", "b"),
    ("NUL in a number", "one,2026-01-01T00:00:00Z,1\0,", "a"),
    ("NUL in a station", "o\0ne,2026-01-01T00:00:00Z,1,", "id"),
    ("a station of a million letters", f"{'x' * 1_000_000},2026-01-01T00:00:00Z,1,", "id"),
    ("a text of two million letters", f"one,2026-01-01T00:00:00Z,,{'x' * 2_000_000}", "b"),
    ("no station", ",2026-01-01T00:00:00Z,1,", "id"),
    ("too many fields", "one,2026-01-01T00:00:00Z,1,x," + "," * 100_000, ""),
    ("too few fields", "one", ""),
]


@pytest.fixture(autouse=True)
def emptied(database_url: str) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_import")


async def run(url: str, path: Path, mapping: str | None) -> tuple[int, list[Bad]]:
    """Import a file; gives how many were added, and what was reported."""
    bad: list[Bad] = []
    how = None if mapping is None else parse_mapping(mapping)
    tally = await service.import_file(SYSTEM, url, path, mapping=how, report=bad.append, progress=lambda _: None)
    return tally.added, bad


@pytest.mark.parametrize(("name", "row", "column"), ROWS, ids=[name for name, *_ in ROWS])
async def test_a_bad_row_is_reported_and_the_others_are_stored(
    database_url: str, tmp_path: Path, name: str, row: str, column: str
) -> None:
    path = tmp_path / "file.csv"
    path.write_text(f"id,t,a,b\n{GOOD}\n{row}\ntwo,2026-01-02T00:00:00Z,2,y\n", "utf-8")
    added, bad = await run(database_url, path, BARE)
    assert added == 4
    assert [(each.line, each.column) for each in bad] == [(3, column)]
    assert bad[0].reason
    assert len(bad[0].value) <= 200


FILES: dict[str, tuple[bytes, str | None]] = {
    "no UTF-8": (b"id,t,a,b\n\xff\xfe,2026-01-01T00:00:00Z,1,x\n", ZONED),
    "no UTF-8 in a row of too many fields": (b"id,t,a,b\none,2026-01-01T00:00:00Z,1,x,\xff\n", ZONED),
    "no column": (b"a;b\n1;2\n", ZONED),
    "nothing": (b"", ZONED),
    "noise": (bytes(range(256)) * 100, ZONED),
    "gzip of noise": (b"\x1f\x8b" + bytes(range(256)), ZONED),
    "parquet of noise": (b"PAR1" + bytes(range(256)) + b"PAR1", ZONED),
    "parquet of nothing": (b"PAR1", ZONED),
    "no mapping": (b"id,t,a,b\n", None),
    "no mapping and noise": (b"PAR1" + bytes(100), None),
}


@pytest.mark.parametrize("name", FILES)
async def test_a_file_that_can_not_be_read_stores_nothing(database_url: str, tmp_path: Path, name: str) -> None:
    data, mapping = FILES[name]
    path = tmp_path / "file"
    path.write_bytes(data)
    before = await count_all()
    with pytest.raises(InvalidInput) as caught:
        await run(database_url, path, mapping)
    assert len(str(caught.value)) < 1000
    after = await count_all()
    assert after | {"observations_import": 0} == before  # that an import was begun is noted


COLUMNS: dict[str, pa.Array] = {
    "lists": pa.array([[1]]),
    "structs": pa.array([{"x": 1}]),
    "bytes": pa.array([b"\xff"]),
    "spans": pa.array([1], pa.duration("s")),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("place", ["t", "a", "b", "id"])
async def test_a_column_of_another_kind_is_refused(database_url: str, tmp_path: Path, name: str, place: str) -> None:
    whole = {
        "id": pa.array(["one"]),
        "t": pa.array(["2026-01-01T00:00:00Z"]),
        "a": pa.array([1.0]),
        "b": pa.array(["x"]),
    }
    parquet.write_table(pa.table(whole | {place: COLUMNS[name]}), tmp_path / "file")
    with pytest.raises(InvalidInput, match=f"'{place}'"):
        await run(database_url, tmp_path / "file", ZONED)


@pytest.mark.parametrize("moment", [2**62, -(2**63) + 1, 2**53])
async def test_a_moment_that_no_clock_shows_is_reported(database_url: str, tmp_path: Path, moment: int) -> None:
    for unit in ("ms", "us", "ns"):
        whole = {
            "id": pa.array(["one"]),
            "t": pa.array([moment], pa.timestamp(unit, "UTC")),
            "a": pa.array([1.0]),
            "b": pa.array(["x"]),
        }
        parquet.write_table(pa.table(whole), tmp_path / "file", coerce_timestamps=None)
        added, bad = await run(database_url, tmp_path / "file", ZONED)
        assert added == 0 or unit == "ns"
        assert added == 2 or [(each.line, each.column) for each in bad] == [(1, "t")]
