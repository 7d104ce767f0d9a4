"""The one writer of a process: whatever arrived while the last batch was committed goes in with the next."""

import asyncio
import logging
import secrets
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from typing import Final

import psycopg
from psycopg import AsyncConnection
from psycopg.errors import CheckViolation
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from dothi.core.observations import rules, store, undivided
from dothi.core.observations.entities import resolve_features
from dothi.core.observations.partitions import Partitions
from dothi.core.observations.quality import Judge
from dothi.core.observations.quality.judge import Judging
from dothi.core.observations.rules import Key
from dothi.core.observations.telling import Teller
from dothi.core.observations.types import NewObservation, Outcome, Stored
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, Overloaded, Unavailable
from dothi.kernel.events import ObservationRow, Publish

log: Final = logging.getLogger(__name__)

COMMITTERS: Final = 3
"""How many batches are under way at once: while one waits for the disk, the next is prepared."""
TOGETHER: Final = 8
"""Beside each batch that is under way so many rows must wait before another begins, or some rows for `LINGER_S`.

A batch of one row takes nearly as long as one of ten: one by one they would keep the processor from larger ones.
"""
LINGER_S: Final = 0.005
FEW: Final = 256
"""Up to so many rows, round trips to the database cost more than the rows."""
UNKNOWN: Final = Stored(id=0, outcome=Outcome.UNKNOWN_DATASTREAM)


_Inserted = tuple[list[Key | None], dict[Key, Stored], list[tuple[int, NewObservation]]]
"""The keys of the rows as given, the answer to each key, and the rows that are new with their ids."""


class _Request:
    """Rows that one caller waits for."""

    __slots__ = ("answer", "rows")

    def __init__(self, rows: Sequence[NewObservation], answer: asyncio.Future[list[Stored]]) -> None:
        self.rows = rows
        self.answer = answer


class Writer:
    """Groups Observations into batches, commits each, then answers and tells the city.

    At most `capacity` rows wait; beyond that `write` raises Overloaded. A batch holds at most `batch_rows` rows, or one
    request that is larger. Nothing is answered before its commit.
    """

    def __init__(
        self,
        pool: AsyncConnectionPool[AsyncConnection],
        *,
        publish: Publish,
        capacity: int = 200_000,
        batch_rows: int = 2_000,
    ) -> None:
        self.name: Final = secrets.token_hex(6)
        self.counters: Final = {outcome.value: 0 for outcome in Outcome}
        self._pool = pool
        self._teller = Teller(publish, writer=self.name)
        self._capacity = capacity
        self._batch_rows = batch_rows
        self._partitions = Partitions()
        self._judge = Judge()
        self._queue: deque[_Request] = deque()
        self._waiting = 0
        self._queued = 0
        self._busy = 0
        self._late: asyncio.TimerHandle | None = None
        self._is_late = False
        self._arrived = asyncio.Event()
        self._turn = asyncio.Lock()
        self._ids: deque[int] = deque()
        self._committers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to commit what is written."""
        self._committers = [asyncio.create_task(self._run(), name="observations writer") for _ in range(COMMITTERS)]

    async def stop(self) -> None:
        """Commit what waits, then end."""
        committers, self._committers = self._committers, []
        self._arrived.set()
        await asyncio.gather(*committers)
        self._teller.finish()

    @property
    def waiting(self) -> int:
        """How many rows wait for their commit."""
        return self._waiting

    async def write(self, rows: Sequence[NewObservation]) -> list[Stored]:
        """Store rows and give an answer to each, in order, once they are committed.

        An Observation that repeats a stored one in everything is that one: DUPLICATE with its id. Another result for
        the same moment is stored as CONFLICTING. Raises InvalidInput when the database refuses a value (the whole
        request is refused), Overloaded when too much waits, Unavailable when the database can't be reached: it is then
        unknown whether the rows are stored, and writing them again is safe.
        """
        if not self._committers:
            raise Unavailable("the writer has stopped")
        if self._waiting and self._waiting + len(rows) > self._capacity:
            raise Overloaded("too many observations wait to be stored", retry_after_s=1)
        request = _Request(rows, asyncio.get_running_loop().create_future())
        self._queue.append(request)
        self._waiting += len(rows)
        self._queued += len(rows)
        if self._is_worth_it():
            self._arrived.set()
        elif self._late is None:
            self._late = asyncio.get_running_loop().call_later(LINGER_S, self._linger_no_more)
        return await request.answer

    async def write_on(self, connection: AsyncConnection, rows: Sequence[NewObservation]) -> list[Stored]:
        """Store rows inside the caller's transaction, and give an answer to each; the city is told after its commit.

        Its Datastreams stay locked until then. Raises InvalidInput when the database refuses a value.
        """
        streams = {row.datastream_id for row in rows}
        request = _Request(rows, asyncio.get_running_loop().create_future())
        try:
            await Partitions().ensure(connection, (row.phenomenon_time for row in rows), now=clock.now())
            await store.empty_stage(connection)
            judging = await self._judge.prepare(connection, streams)
            # Not in turn: whoever has the turn may wait for the very Datastreams that this transaction holds.
            keys, answers, added = await self._insert_many(connection, list(rows), streams, judging, nullcontext())
        except Exception as error:
            if _is_refusal(error):
                raise InvalidInput(f"the database refuses a value: {error}") from error
            raise
        self._answer([request], [UNKNOWN if key is None else answers[key] for key in keys], keys)
        self._tell(added)
        return request.answer.result()

    async def _run(self) -> None:
        while self._committers or self._queue:
            if self._is_worth_it():
                self._busy += 1
                await self._serve(self._take())
                self._busy -= 1
            else:
                self._arrived.clear()
                await self._arrived.wait()

    def _is_worth_it(self) -> bool:
        """Tell whether what is queued should go in now, beside the batches that are under way."""
        enough = self._queued >= TOGETHER * self._busy
        return bool(self._queue) and (enough or self._is_late or not self._committers)

    def _linger_no_more(self) -> None:
        self._is_late = True
        self._arrived.set()

    def _take(self) -> list[_Request]:
        batch = [self._queue.popleft()]
        size = len(batch[0].rows)
        while self._queue and size + len(self._queue[0].rows) <= self._batch_rows:
            batch.append(self._queue.popleft())
            size += len(batch[-1].rows)
        self._queued -= size
        if self._late is not None:
            self._late.cancel()
        self._late, self._is_late = None, False
        return batch

    async def _serve(self, batch: list[_Request]) -> None:
        """Commit a batch; when a value can't be stored, one by one, so that only its own request fails."""
        try:
            await self._commit_past_drops(batch)
        except Exception as error:
            if _is_away(error):
                log.warning("a batch was not committed: %s", error)
                self._partitions.forget()
                self._ids.clear()
                _fail(batch, Unavailable(f"the database can't be written to: {error}"))
            elif len(batch) > 1:
                for request in batch:
                    await self._serve([request])
                return
            elif _is_refusal(error):
                _fail(batch, InvalidInput(f"the database refuses a value: {error}"))
            else:
                log.exception("a request was not committed")
                _fail(batch, error)
        self._waiting -= sum(len(request.rows) for request in batch)

    async def _commit_past_drops(self, batch: list[_Request]) -> None:
        """Commit a batch; once more if a partition it needs was dropped since it was last seen."""
        try:
            await self._commit(batch)
        except CheckViolation:
            self._partitions.forget()
            await self._commit(batch)

    async def _commit(self, batch: list[_Request]) -> None:
        rows = [row for request in batch for row in request.rows]
        async with self._pool.connection() as connection:
            await self._partitions.ensure(connection, (row.phenomenon_time for row in rows), now=clock.now())
            streams = {row.datastream_id for row in rows}
            judging = await self._judge.prepare(connection, streams)
            if len(rows) <= FEW and not judging and rules.are_plain(rows):
                keys, answers, added = await self._insert_few(connection, rows, streams)
            else:
                keys, answers, added = await self._insert_many(connection, rows, streams, judging)
        results = [UNKNOWN if key is None else answers[key] for key in keys]
        self._answer(batch, results, keys)
        self._tell(added)

    def _tell(self, added: list[tuple[int, NewObservation]]) -> None:
        """Tell the city of rows that are new; within undivided work after its commit, in the order of commits."""
        if not added:
            return
        events = [ObservationRow(row_id, row.datastream_id, row.phenomenon_time, row.result) for row_id, row in added]

        work = undivided.current()
        if work is None:
            self._teller.tell(events)
        else:
            work.afterwards.append(lambda: self._teller.tell(events))

    async def _insert_few(
        self, connection: AsyncConnection, rows: list[NewObservation], streams: set[int]
    ) -> _Inserted:
        """Put few and plain rows in by one round trip to the database, and those that it leaves out by more."""
        plan = rules.plan(rows, dict.fromkeys(streams))
        numbered = await self._number(connection, plan.straight)
        left_out = await store.put_plain(connection, numbered)
        added = [(row_id, row) for row_id, _, row in numbered if row_id not in left_out]
        answers = {key: Stored(row_id, Outcome.STORED) for row_id, key, _ in numbered if row_id not in left_out}
        for row_id, key, _ in numbered:
            repeated = left_out.get(row_id)
            if repeated is not None:
                answers[key] = Stored(repeated, Outcome.DUPLICATE)
        rest = [row for row_id, key, row in numbered if row_id in left_out and key not in answers]
        rest += plan.staged.values()
        if not rest:
            return plan.keys, answers, added
        _, found, more = await self._insert_many(connection, rest, {row.datastream_id for row in rest}, {})
        answers |= found
        return [key if key in answers else None for key in plan.keys], answers, added + more

    async def _insert_many(
        self,
        connection: AsyncConnection,
        rows: list[NewObservation],
        streams: set[int],
        judging: Judging,
        turn: AbstractAsyncContextManager[None] | None = None,
    ) -> _Inserted:
        """Put any rows in, by COPY.

        Batches lock their Datastreams in the order they were taken in: of two that changed places all rows of the
        first would be late, and whoever sends them would go on out of step.
        """
        async with AsyncExitStack() as stack:
            async with turn or self._turn:
                await stack.enter_async_context(connection.transaction())
                locked = await store.lock_latest(connection, streams)
            features = await resolve_features(connection, locked.features)
            plan = rules.plan(rows, locked.newest)
            if judging:
                plan = await self._judge.judge(connection, plan, judging)
            answers, added = await self._insert(connection, plan, features)
            if added:
                await store.update_latest(connection, rules.summarise(added), locked.newest, features)
        return plan.keys, answers, added

    async def _insert(
        self, connection: AsyncConnection, plan: rules.Plan, features: Mapping[int, int | None]
    ) -> tuple[dict[Key, Stored], list[tuple[int, NewObservation]]]:
        """Put a plan's rows in; give the answer to each key, and the rows that are new."""
        answers: dict[Key, Stored] = {}
        added: list[tuple[int, NewObservation]] = []
        if plan.straight:
            numbered = await self._number(connection, plan.straight)
            await store.copy_straight(connection, numbered, features)
            answers = {key: Stored(row_id, Outcome.STORED) for row_id, key, _ in numbered}
            added = [(row_id, row) for row_id, _, row in numbered]
        repeats = await store.find_repeats(connection, list(plan.staged)) if plan.staged else {}
        answers |= {key: Stored(row_id, Outcome.DUPLICATE) for key, row_id in repeats.items()}
        doubtful = {key: row for key, row in plan.staged.items() if key not in repeats}
        if doubtful:
            numbered = await self._number(connection, doubtful)
            found = await store.insert_staged(connection, numbered, features)
            for _, key, row in numbered:
                row_id, is_new, is_conflicting = found[key]
                answers[key] = Stored(row_id, _outcome(is_new=is_new, is_conflicting=is_conflicting))
                if is_new:
                    added.append((row_id, row))
        return answers, added

    async def _number(
        self, connection: AsyncConnection, rows: dict[Key, NewObservation]
    ) -> list[tuple[int, Key, NewObservation]]:
        """Give each row an id of this process's blocks; what is left over serves the next batch."""
        while len(self._ids) < len(rows):
            fresh = await store.take_ids(connection, len(rows) - len(self._ids))
            self._ids.extend(fresh)  # only now: the other batch under way may have taken some meanwhile
        take = self._ids.popleft
        return [(take(), key, row) for key, row in rows.items()]

    def _answer(self, batch: list[_Request], results: list[Stored], keys: list[Key | None]) -> None:
        """Answer each request; of rows that came twice in one batch the second is the duplicate."""
        if len(set(keys)) < len(keys):
            first: dict[Key | None, int] = {}
            for position, key in enumerate(keys):
                if first.setdefault(key, position) != position and key is not None:
                    results[position] = Stored(results[position].id, Outcome.DUPLICATE)
        for outcome, number in Counter(result.outcome for result in results).items():
            self.counters[outcome.value] += number
        position = 0
        for request in batch:
            if not request.answer.done():
                request.answer.set_result(results[position : position + len(request.rows)])
            position += len(request.rows)


def _is_refusal(error: Exception) -> bool:
    """Tell whether the error is a value that the driver or the database will never take (SQLSTATE classes 22, 54)."""
    if isinstance(error, psycopg.DataError):
        return True
    return isinstance(error, psycopg.Error) and (error.sqlstate or "")[:2] == "54"


def _is_away(error: Exception) -> bool:
    """Tell whether the error is of the database, and may be gone at the next try."""
    return isinstance(error, psycopg.Error | PoolTimeout | OSError) and not _is_refusal(error)


def _outcome(*, is_new: bool, is_conflicting: bool) -> Outcome:
    if not is_new:
        return Outcome.DUPLICATE
    return Outcome.CONFLICTING if is_conflicting else Outcome.STORED


def _fail(batch: list[_Request], error: Exception) -> None:
    for request in batch:
        if not request.answer.done():
            request.answer.set_exception(error)
