"""The door of imports: a file's measurements into the record, fast, resumable, and safe to repeat."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import psycopg
from psycopg import AsyncConnection
from psycopg.errors import CheckViolation, ProgramLimitExceeded

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations import store as record
from dothi.core.observations.entities import find_features, resolve_features
from dothi.core.observations.importing import files, own, portions, rules, store
from dothi.core.observations.importing.judging import flag
from dothi.core.observations.importing.reading import Portion, Reader
from dothi.core.observations.importing.registry import Registry
from dothi.core.observations.importing.store import Checkpoint
from dothi.core.observations.importing.types import ABSENT, MISSING, Bad, Flags, Mapping, Rows, Tally
from dothi.core.observations.partitions import Partitions
from dothi.core.observations.quality.judge import Judge, Judging
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput, Unavailable

IMPORT: Final = "observations.observation.import"
BATCH_ROWS: Final = 50_000
"""Observations of one commit."""
_WAY: Final = b"1"
"""Part of a file's digest: a checkpoint counts batches, so it holds only while files are cut in the same way."""

Progress = Callable[[float], None]


async def import_file(
    actor: Actor,
    database_url: str,
    path: Path,
    *,
    mapping: Mapping | None,
    report: files.Report,
    progress: Progress,
    dry_run: bool = False,
) -> Tally:
    """Store a file's Observations; Things and Datastreams that are missing are made. Audited.

    Without a mapping the file is one that this record exported. What can't be used goes to `report`, and the rest is
    stored. One that was killed goes on from its last commit; one that is repeated adds nothing. `progress` hears which
    part is done, 0 to 1. A dry run reads all and stores nothing.

    Raises Forbidden, InvalidInput for a file that can't be used, Conflict if the file is just being imported,
    Unavailable if the database can't be reached: what was committed stays, and the import can be started again.
    """
    accounts.require(actor, IMPORT)
    files.check_readable(path)
    try:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            run = _Import(connection, path, mapping, report)
            await run.check()
            if dry_run:
                await run.look(progress)
            else:
                await run.store(actor, progress)
            return run.tally
    except (psycopg.DataError, ProgramLimitExceeded) as error:
        raise InvalidInput(f"{path.name}: a value can't be stored: {error.diag.message_primary or error}") from error
    except psycopg.OperationalError as error:
        raise Unavailable(f"the database can't be reached: {error}") from error


class _Import:
    """One run over one file."""

    def __init__(self, connection: AsyncConnection, path: Path, mapping: Mapping | None, report: files.Report) -> None:
        self.tally: Final = Tally()
        self._connection = connection
        self._path = path
        self._mapping = mapping
        self._tell = report
        self._registry = None if mapping is None else Registry(mapping)
        self._partitions = Partitions()
        self._judge = Judge()
        self._digest = b""
        self._point = Checkpoint()
        self._batch = 0
        self._repeats = 0
        self._streams: set[int] = set()

    async def check(self) -> None:
        """See that a file without a mapping belongs to this record. Raises InvalidInput."""
        if self._mapping is None:
            contents = await asyncio.to_thread(own.read_contents, self._path)
            stored = await store.find_streams(self._connection, [stream.id for stream in contents.streams])
            own.check_streams(contents, stored)

    async def look(self, progress: Progress) -> None:
        """Read everything, and count what would become of it."""
        async with aclosing(self._portions()) as coming:
            async for portion in coming:
                await self._see_features(portion.rows)
                self.tally.read += len(portion.rows)
                if self._registry is not None:
                    missing = await self._registry.missing(self._connection, portion.series)
                    self.tally.things, self.tally.datastreams = missing
                progress(portion.done)

    async def store(self, actor: Actor, progress: Progress) -> None:
        """Read and store everything."""
        text = b"" if self._mapping is None else msgspec.json.encode(self._mapping)
        self._digest = await asyncio.to_thread(files.digest_of, self._path, text, _WAY)
        if not await store.take_lock(self._connection, self._digest):
            raise Conflict(f"{self._path.name} is being imported already")
        self._point = await store.begin(self._connection, self._digest, name=self._path.name, now=clock.now())
        self.tally.resumed = self._point.batches > 0
        done = 0.0
        async with aclosing(self._portions()) as coming:
            async for portion in coming:
                async for part in self._store(portion):
                    progress(done + (portion.done - done) * part)
                done = portion.done
        await self._finish(actor)

    def _portions(self) -> AsyncGenerator[Portion, None]:
        if self._mapping is None:
            chunks: Iterator[Portion] = own.portions(self._path)
        else:
            chunks = Reader(self._path, self._mapping, report=self._report, now=clock.now()).portions()
        return portions.ahead(portions.gather(chunks))

    def _report(self, bad: Bad) -> None:
        self.tally.bad += 1
        self._tell(bad)

    async def _store(self, portion: Portion) -> AsyncIterator[float]:
        """Store a portion batch by batch, past those that an earlier run has committed; gives which part is done."""
        rows = portion.rows
        if self._registry is not None:
            ids = await self._registry.ids_of(self._connection, portion.series)
            rows = replace(rows, series=np.array(ids, dtype=np.int64)[rows.series])
        rows = await self._see_features(rows)
        self.tally.read += len(rows)
        settled = await asyncio.to_thread(_settle, rows)
        self._repeats += rules.count_known(rows) - rules.count_known(settled.rows)
        self._streams.update(np.unique(settled.rows.series).tolist())
        for start in range(0, len(settled.rows), BATCH_ROWS):
            self._batch += 1
            if self._batch > self._point.batches:
                part = slice(start, start + BATCH_ROWS)
                await self._commit(settled.rows.take(part), settled.first[part])
            yield min((start + BATCH_ROWS) / len(settled.rows), 1.0)

    async def _see_features(self, rows: Rows) -> Rows:
        """Report the rows whose FeatureOfInterest is not there, and give all with `MISSING` in place of those."""
        if rows.feature is None:
            return rows
        named = set(np.unique(rows.feature).tolist()) - {ABSENT}
        missing = named - await find_features(self._connection, named)
        flags = np.isin(rows.feature, list(missing))
        for place in np.flatnonzero(flags).tolist():
            # Of files that name features each row is an Observation.
            line, value = self.tally.read + place + 1, str(rows.feature[place])
            self._report(Bad(line, "feature_id", "there is no such FeatureOfInterest", value))
        return replace(rows, feature=np.where(flags, MISSING, rows.feature))

    async def _commit(self, rows: Rows, first: Flags) -> None:
        """Commit a batch with the checkpoint; once more if a partition was dropped meanwhile."""
        known = rules.are_known(rows)
        rows, first = rows.take(known), first[known]
        moments = [rules.to_moment(day * rules.DAY) for day in np.unique(rows.time // rules.DAY)]
        for is_last in (False, True):
            await self._partitions.ensure(self._connection, moments, now=clock.now())
            judging = await self._judge.prepare(self._connection, set(np.unique(rows.series).tolist()))
            try:
                async with self._connection.transaction():
                    added, conflicting = await self._insert(rows, first, judging) if len(rows) else (0, 0)
                    point = Checkpoint(
                        self._batch,
                        self._point.added + added,
                        self._point.present + len(rows) - added,
                        self._point.conflicting + conflicting,
                    )
                    await store.save(self._connection, self._digest, point, now=clock.now())
            except CheckViolation:
                self._partitions.forget()
                if is_last:
                    raise
                continue
            self._point = point
            return

    async def _insert(self, rows: Rows, first: Flags, judging: Judging) -> tuple[int, int]:
        """Put rows in by the record's rules; give how many are new, and how many of these conflict with others."""
        streams = np.unique(rows.series).tolist()
        locked = await record.lock_latest(self._connection, streams)
        if len(locked.newest) < len(streams):
            raise Conflict("a Datastream was deleted while its Observations were imported")
        rows = await flag(self._connection, self._judge, rows, judging)
        features = await resolve_features(self._connection, locked.features)
        rows = rules.with_features(rows, features)
        straight = rules.is_straight(rows, first, locked.newest)
        ids = np.array((await record.take_ids(self._connection, len(rows)))[: len(rows)], dtype=np.int64)
        new = straight.copy()
        conflicting = 0
        if straight.any():
            await store.copy_straight(self._connection, rows.take(straight), ids[straight])
        if not straight.all():
            added, conflicting = await store.insert_staged(self._connection, rows.take(~straight), ids[~straight])
            new |= np.isin(ids, added)
        if new.any():
            changes = rules.summarise(rows.take(new), ids[new])
            await record.update_latest(self._connection, changes, locked.newest, features)
        return int(new.sum()), conflicting

    async def _finish(self, actor: Actor) -> None:
        self.tally.added = self._point.added
        self.tally.present = self._point.present + self._repeats
        self.tally.conflicting = self._point.conflicting
        self.tally.thing_ids = await store.list_things_of(self._connection, sorted(self._streams))
        if self._registry is not None:
            self.tally.things, self.tally.datastreams = self._registry.made_things, self._registry.made_datastreams
        counts = {name: getattr(self.tally, name) for name in ("added", "present", "conflicting", "bad")}
        async with self._connection.transaction():
            await store.finish(self._connection, self._digest, bad=self.tally.bad, now=clock.now())
            await audit.record_on(
                self._connection, actor.reference, IMPORT, subject=f"file:{self._digest.hex()}", after=counts
            )


def _settle(rows: Rows) -> rules.Sorted:
    """Give rows their fingerprints, where they bring none, and sort them."""
    prints = rules.fingerprints(rows) if rows.fingerprint is None else rows.fingerprint
    return rules.sort(replace(rows, fingerprint=prints))
