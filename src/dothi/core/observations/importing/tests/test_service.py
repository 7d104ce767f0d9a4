"""Files go into the record once, whole, and fast; what can't be used is said line by line."""

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from psycopg import AsyncConnection

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.importing import service
from dothi.core.observations.importing.mapping import parse_mapping, read_mapping
from dothi.core.observations.importing.types import Bad, Tally
from dothi.kernel.errors import Forbidden, InvalidInput

AIR = Path("../shared/data/air/healthyair_hcmc_to_2022-02.csv")
AIR_MAPPING = Path("docs/guides/mappings/healthyair.toml")

pytestmark = pytest.mark.usefixtures("database_url")


@dataclass
class Run:
    """What an import said."""

    tally: Tally
    bad: list[Bad] = field(default_factory=list)
    progress: list[float] = field(default_factory=list)


async def run(url: str, path: Path, mapping: str | None, *, dry_run: bool = False, actor: Actor = SYSTEM) -> Run:
    found = Run(Tally())
    found.tally = await service.import_file(
        actor,
        url,
        path,
        mapping=None if mapping is None else parse_mapping(mapping),
        report=found.bad.append,
        progress=found.progress.append,
        dry_run=dry_run,
    )
    return found


async def ask(url: str, query: str) -> list[tuple[object, ...]]:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        return await (await connection.execute(query)).fetchall()


@pytest.mark.skipif(not AIR.exists(), reason="the real record ../shared/data/air is not there")
async def test_the_real_record_goes_in_once(database_url: str) -> None:
    mapping = AIR_MAPPING.read_text("utf-8")
    first = await run(database_url, AIR, mapping)
    again = await run(database_url, AIR, mapping)
    print(first.tally, again.tally, first.bad[:5])
    assert first.bad == []
    assert first.tally.read == first.tally.added + first.tally.present
    assert (again.tally.added, again.tally.present) == (0, first.tally.read)
