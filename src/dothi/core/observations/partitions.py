"""The partitions of the Observations: a day each near now, a month each far from it, made before they are needed."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final, LiteralString, NamedTuple

from psycopg import AsyncConnection, Connection, sql
from psycopg.rows import TupleRow

_PREFIX: Final = "observations_observation_"
_NEAR_PAST: Final = timedelta(days=400)
_NEAR_FUTURE: Final = timedelta(days=40)
_LIST: Final = (
    "SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
    " WHERE i.inhparent = 'observations_observation'::regclass"
)
INDEXES: Final[tuple[LiteralString, ...]] = (
    "ALTER TABLE {} ADD PRIMARY KEY (datastream_id, phenomenon_time, fingerprint)"
    " INCLUDE (result, quality, conflicting)",
    "CREATE INDEX ON {} (id)",
    "CREATE INDEX ON {} (date_bin('1 minute', phenomenon_time, '2000-01-01Z'))",
)
"""What the table of all Observations has for each partition; one that has them already is attached at once."""
_LOCK: Final = 0x6F627365
"""Advisory lock: one process makes partitions at a time."""


class Span(NamedTuple):
    """A partition: its table and the half-open span of UTC time in it."""

    table: str
    begin: datetime
    end: datetime


def day_of(moment: datetime) -> Span:
    """Give the daily partition of a moment."""
    begin = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Span(f"{_PREFIX}d{begin:%Y%m%d}", begin, begin + timedelta(days=1))


def month_of(moment: datetime) -> Span:
    """Give the monthly partition of a moment."""
    begin = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Span(f"{_PREFIX}m{begin:%Y%m}", begin, (begin + timedelta(days=32)).replace(day=1))


def name_of(table: str) -> str:
    """Name the days of a partition: `20310505` for a day, `203105` for a month."""
    return table.removeprefix(_PREFIX)[1:]


def span_of(table: str) -> Span | None:
    """Give the span of a partition by its table's name, None if the table is none."""
    digits = name_of(table)
    for make, form in ((day_of, "%Y%m%d"), (month_of, "%Y%m")):
        try:
            span = make(datetime.strptime(digits, form).replace(tzinfo=UTC))
        except ValueError:
            continue
        if span.table == table:
            return span
    return None


def list_spans(connection: Connection[TupleRow]) -> list[Span]:
    """List the partitions there are, in the order of time."""
    spans = [span_of(row[0]) for row in connection.execute(_LIST)]
    return sorted((span for span in spans if span is not None), key=lambda span: span.begin)


def choose(moment: datetime, *, now: datetime, existing: Iterable[str]) -> Span | None:
    """Give the partition to make for a moment, or None when one of the existing tables covers it.

    A month that already has a daily partition goes on by days, so that spans never overlap.
    """
    day, month = day_of(moment), month_of(moment)
    tables = set(existing)
    if day.table in tables or month.table in tables:
        return None
    is_near = now - _NEAR_PAST <= moment <= now + _NEAR_FUTURE
    daily_in_month = f"{_PREFIX}d{month.begin:%Y%m}"
    return day if is_near or any(table.startswith(daily_in_month) for table in tables) else month


class Partitions:
    """Knows which partitions there are and makes those that are missing."""

    def __init__(self) -> None:
        self._tables: set[str] = set()
        self._days: set[date] = set()

    def covers(self, moment: datetime) -> bool:
        """Tell, without asking the database, whether a moment's partition is known to be there."""
        return moment.date() in self._days

    async def ensure(self, connection: AsyncConnection, moments: Iterable[datetime], *, now: datetime) -> list[str]:
        """Make the partitions that moments (UTC) need, and give the names of those made. Needs no open transaction."""
        days = {moment.date() for moment in moments} - self._days
        if not days:
            return []
        made = []
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            self._tables = await _existing(connection)
            for day in sorted(days):
                moment = datetime(day.year, day.month, day.day, tzinfo=UTC)
                span = choose(moment, now=now, existing=self._tables)
                if span is not None:
                    await _make(connection, span)
                    self._tables.add(span.table)
                    made.append(span.table)
        self._days |= days
        return made

    def forget(self) -> None:
        """Ask the database again next time: partitions may have been dropped."""
        self._days.clear()


async def settle(connection: AsyncConnection, *, since: datetime, now: datetime) -> list[str]:
    """Vacuum the partitions that became complete since a time; gives their names. Needs no open transaction.

    Only then are their rows read from the key alone, and the planner knows what is in them.
    """
    spans = [span for table in await _existing(connection) if (span := span_of(table)) and since < span.end <= now]
    for span in spans:
        await connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(sql.Identifier(span.table)))
    return sorted(span.table for span in spans)


async def _existing(connection: AsyncConnection) -> set[str]:
    cursor = await connection.execute(_LIST)
    return {row[0] async for row in cursor}


async def _make(connection: AsyncConnection, span: Span) -> None:
    """Make a table beside the others and attach it: that blocks neither readers nor writers of the rest."""
    table = sql.Identifier(span.table)
    await connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE observations_observation INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(
            table
        )
    )
    await connection.execute(
        sql.SQL("ALTER TABLE observations_observation ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            table, sql.Literal(span.begin.isoformat()), sql.Literal(span.end.isoformat())
        )
    )
