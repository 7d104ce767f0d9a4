"""The partitions of the Observations: a day each near now, a month each far from it, an hour where time runs faster."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Final, LiteralString, NamedTuple

from psycopg import AsyncConnection, Connection, sql
from psycopg.rows import TupleRow

from dothi.kernel import clock
from dothi.kernel.clock import CityClock

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


def hour_of(moment: datetime) -> Span:
    """Give the hourly partition of a moment."""
    begin = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return Span(f"{_PREFIX}h{begin:%Y%m%d%H}", begin, begin + timedelta(hours=1))


def month_of(moment: datetime) -> Span:
    """Give the monthly partition of a moment."""
    begin = moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Span(f"{_PREFIX}m{begin:%Y%m}", begin, (begin + timedelta(days=32)).replace(day=1))


def name_of(table: str) -> str:
    """Name the time of a partition: `20310505` for a day, `203105` for a month, `2031050513` for an hour."""
    return table.removeprefix(_PREFIX)[1:]


def span_of(table: str) -> Span | None:
    """Give the span of a partition by its table's name, None if the table is none."""
    digits = name_of(table)
    for make, form in ((day_of, "%Y%m%d"), (month_of, "%Y%m"), (hour_of, "%Y%m%d%H")):
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


def is_by_hours(city: CityClock) -> bool:
    """Tell whether what is written now goes into partitions of an hour.

    Only a whole partition can leave, and only when its time is over. A clock that runs faster fills the partition of a
    day, tens of millions of rows, within hours of wall time and so before the record may be made smaller.
    """
    return city.speed > 1


def choose(moment: datetime, *, now: datetime, existing: Iterable[str], by_hours: bool = False) -> Span | None:
    """Give the partition to make for a moment, or None when one of the existing tables covers it.

    `by_hours` holds from today on. A day that already has an hourly partition goes on by hours, and a month that has a
    daily or hourly one by days, so that spans never overlap.
    """
    hour, day, month = hour_of(moment), day_of(moment), month_of(moment)
    tables = set(existing)
    if not tables.isdisjoint((hour.table, day.table, month.table)):
        return None
    is_near = now - _NEAR_PAST <= moment <= now + _NEAR_FUTURE
    if _has(tables, f"h{day.begin:%Y%m%d}") or (by_hours and is_near and day.end > now):
        return hour
    return day if is_near or _has(tables, f"d{month.begin:%Y%m}", f"h{month.begin:%Y%m}") else month


def _has(tables: Iterable[str], *beginnings: str) -> bool:
    return any(table.removeprefix(_PREFIX).startswith(beginnings) for table in tables)


class Partitions:
    """Knows which partitions there are and makes those that are missing."""

    def __init__(self) -> None:
        self._tables: set[str] = set()
        self._hours: set[tuple[date, int]] = set()

    async def ensure(self, connection: AsyncConnection, moments: Iterable[datetime], *, now: datetime) -> list[str]:
        """Make the partitions that moments (UTC) need, and give the names of those made. Needs no open transaction."""
        hours = {(moment.date(), moment.hour) for moment in moments} - self._hours
        if not hours:
            return []
        made = []
        by_hours = is_by_hours(clock.installed())
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
            self._tables = await _existing(connection)
            for day, hour in sorted(hours):
                moment = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
                span = choose(moment, now=now, existing=self._tables, by_hours=by_hours)
                if span is not None:
                    await _make(connection, span)
                    self._tables.add(span.table)
                    made.append(span.table)
        self._hours |= hours
        return made

    def forget(self) -> None:
        """Ask the database again next time: partitions may have been dropped."""
        self._hours.clear()


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
