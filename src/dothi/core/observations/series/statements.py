"""The statements of series; `{good}`, `{seen}` and `{columns}` stand for what several of them share."""

from typing import Final, LiteralString

from dothi.core.observations.query.within import STANDS_IN
from dothi.core.observations.retention.store import GOOD

_SEEN: Final[LiteralString] = (
    "((%(or_public)s AND t.is_public) OR ((NOT %(public_only)s OR t.is_public)"
    " AND (%(departments)s::text[] IS NULL OR t.department = ANY(%(departments)s::text[]) OR {stands})"
    " AND (%(thing_ids)s::bigint[] IS NULL OR t.id = ANY(%(thing_ids)s::bigint[]))))"
)
_SUMS: Final[LiteralString] = (
    "bucket, least, greatest FROM observations_aggregate"
    " WHERE datastream_id = s.id AND hours = %(hours)s AND count > 0 AND bucket"
)


def _spell(text: LiteralString) -> LiteralString:
    return text.replace("{good}", GOOD).replace("{seen}", _SEEN).replace("{stands}", STANDS_IN).replace("{sums}", _SUMS)


LIST_SEEN: Final = _spell(
    "SELECT d.id FROM observations_datastream d JOIN observations_thing t ON t.id = d.thing_id"
    " WHERE d.id = ANY(%(ids)s::bigint[]) AND {seen}"
)
FIND_NAME: Final = _spell(
    "SELECT d.id, d.name, coalesce(d.unit ->> 'symbol', '') FROM observations_datastream d"
    " JOIN observations_thing t ON t.id = d.thing_id WHERE d.id = %(id)s AND {seen}"
)
LIST_STREAMS: Final = _spell(
    "SELECT t.id, t.name, t.properties, t.is_public, t.department, coalesce(d.streams, '{}')"
    " FROM observations_thing t LEFT JOIN (SELECT thing_id, jsonb_object_agg(name, id) AS streams"
    " FROM observations_datastream GROUP BY thing_id) d ON d.thing_id = t.id"
    " WHERE t.properties @> jsonb_build_object('kind', %(kind)s::text) AND {seen} ORDER BY t.id"
)
FIND_STREAMS: Final = _spell(
    "SELECT t.id, t.name, t.properties, t.is_public, t.department, coalesce((SELECT jsonb_object_agg(d.name, d.id)"
    " FROM observations_datastream d WHERE d.thing_id = t.id), '{}')"
    " FROM observations_thing t WHERE t.id = %(id)s AND {seen}"
)
LIST_NAMED: Final = _spell(
    "SELECT t.id, t.name, t.properties::text FROM observations_thing t"
    " WHERE t.properties @> %(where)s::jsonb AND {seen} ORDER BY t.id"
)
READ_NEWEST: Final = (
    "SELECT s.n, m.n, d.id, coalesce(l.phenomenon_time, '2000-01-01Z'), coalesce(l.result, 'NaN')"
    " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS s(id, n) JOIN observations_datastream d ON d.thing_id = s.id"
    " JOIN unnest(%(names)s::text[]) WITH ORDINALITY AS m(name, n) ON m.name = d.name"
    " JOIN observations_latest l ON l.datastream_id = d.id"
)
HAS_MARK: Final = (
    "SELECT coalesce((SELECT coalesce(parameters ->> %(mark)s, '') = 'true' FROM observations_observation"
    " WHERE datastream_id = %(id)s AND phenomenon_time >= %(begin)s AND phenomenon_time < %(end)s"
    " ORDER BY phenomenon_time LIMIT 1), false)"
)
# The times with the minutes: the index finds the minutes, the times cut them to size. A join, since a list of
# 36,000 ids takes 40 ms to plan with.
_OF_MINUTES: Final[LiteralString] = (
    " WHERE phenomenon_time > %(begin)s AND phenomenon_time <= %(end)s AND NOT conflicting"
    " AND date_bin('1 minute', phenomenon_time, '2000-01-01Z')"
    " BETWEEN date_bin('1 minute', %(begin)s::timestamptz, '2000-01-01Z')"
    " AND date_bin('1 minute', %(end)s::timestamptz, '2000-01-01Z')"
)
_RESULTS: Final[LiteralString] = (
    "SELECT datastream_id, phenomenon_time, coalesce(result, 'NaN'), quality FROM observations_observation"
)
READ_WINDOW: Final = f"{_RESULTS} JOIN unnest(%(ids)s::bigint[]) AS s(id) ON s.id = datastream_id{_OF_MINUTES}"
READ_DENSE_WINDOW: Final = f"{_RESULTS}{_OF_MINUTES} AND datastream_id BETWEEN %(least)s AND %(greatest)s"
READ_LATEST: Final = (
    "SELECT datastream_id, phenomenon_time, coalesce(result, 'NaN'), coalesce(quality, 2::smallint)"
    " FROM observations_latest WHERE datastream_id = ANY(%(ids)s::bigint[]) AND phenomenon_time IS NOT NULL"
)
READ_RAW: Final = _spell(
    "SELECT phenomenon_time, result FROM observations_observation WHERE datastream_id = %(id)s"
    " AND phenomenon_time >= %(begin)s AND phenomenon_time < %(end)s AND {good}"
    " ORDER BY phenomenon_time LIMIT %(most)s"
)
READ_FORECAST: Final = (
    "SELECT DISTINCT ON (phenomenon_time) phenomenon_time, result FROM observations_observation"
    " WHERE datastream_id = %(id)s AND phenomenon_time > %(begin)s AND phenomenon_time < %(end)s"
    " AND result IS NOT NULL AND quality NOT IN (4, 9)"
    " ORDER BY phenomenon_time, result_time DESC NULLS LAST, id DESC"
)
HAS_LEFT: Final = (
    "SELECT EXISTS (SELECT FROM observations_aggregate WHERE datastream_id = %s AND hours = 1"
    " AND bucket > %s AND bucket < %s)"
)
# Each span is read by itself, a short range of the key: cutting each time down to its span costs more.
READ_BUCKETS: Final = _spell(
    "SELECT b.begin, p.total / p.count, p.least, p.greatest, p.count::bigint"
    " FROM unnest(%(begins)s::timestamptz[], %(ends)s::timestamptz[]) AS b(begin, stop), LATERAL ("
    "SELECT sum(count) AS count, sum(total) AS total, min(least) AS least, max(greatest) AS greatest FROM ("
    "SELECT count(*) AS count, sum(result) AS total, min(result) AS least, max(result) AS greatest"
    " FROM observations_observation WHERE datastream_id = %(id)s AND phenomenon_time >= b.begin"
    " AND phenomenon_time < b.stop AND phenomenon_time >= %(begin)s AND phenomenon_time < %(end)s"
    " AND phenomenon_time <= %(now)s AND {good} UNION ALL"
    " SELECT sum(count), sum(total), min(least), max(greatest) FROM observations_aggregate"
    " WHERE datastream_id = %(id)s AND hours = %(hours)s AND bucket >= b.begin AND bucket < b.stop) AS parts"
    ") AS p WHERE p.count > 0 ORDER BY b.begin"
)
READ_NEAR_EDGES: Final = _spell(
    "SELECT s.n, m.n, e.at, e.value FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS s(id, n)"
    " CROSS JOIN unnest(%(moments)s::timestamptz[]) WITH ORDINALITY AS m(at, n) CROSS JOIN LATERAL ("
    "SELECT phenomenon_time AS at, result AS value FROM observations_observation"
    " WHERE datastream_id = s.id AND phenomenon_time <= m.at AND phenomenon_time > m.at - %(near)s::interval"
    " AND phenomenon_time > %(begin)s AND phenomenon_time <= %(end)s AND {good}"
    " ORDER BY phenomenon_time DESC LIMIT 1) AS e"
)
READ_FIRSTS: Final = _spell(
    "SELECT s.n, e.at, e.value FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS s(id, n) CROSS JOIN LATERAL ("
    "SELECT phenomenon_time AS at, result AS value FROM observations_observation"
    " WHERE datastream_id = s.id AND phenomenon_time > %(begin)s AND phenomenon_time <= %(end)s AND {good}"
    " ORDER BY phenomenon_time LIMIT 1) AS e"
)
READ_FAR_EDGES: Final = _spell(
    "SELECT p.n, coalesce(b.at, '2000-01-01Z'), coalesce(b.value, 'NaN'), coalesce(a.at, '2000-01-01Z'),"
    " coalesce(a.value, 'NaN') FROM unnest(%(ids)s::bigint[], %(moments)s::timestamptz[]) WITH ORDINALITY"
    " AS p(id, at, n) LEFT JOIN LATERAL (SELECT phenomenon_time AS at, result AS value FROM observations_observation"
    " WHERE datastream_id = p.id AND phenomenon_time > p.at - %(reach)s::interval AND phenomenon_time <= p.at"
    " AND phenomenon_time > %(begin)s AND phenomenon_time <= %(end)s AND {good}"
    " ORDER BY phenomenon_time DESC LIMIT 1) AS b ON true"
    " LEFT JOIN LATERAL (SELECT phenomenon_time AS at, result AS value FROM observations_observation"
    " WHERE datastream_id = p.id AND phenomenon_time > p.at AND phenomenon_time <= p.at + %(reach)s::interval"
    " AND phenomenon_time > %(begin)s AND phenomenon_time <= %(end)s AND {good}"
    " ORDER BY phenomenon_time LIMIT 1) AS a ON true"
)
READ_SUMS: Final = _spell(
    "SELECT s.n, p.bucket, p.least, p.greatest FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS s(id, n)"
    " CROSS JOIN LATERAL ((SELECT {sums} < %(begin)s ORDER BY bucket DESC LIMIT 1)"
    " UNION ALL (SELECT {sums} >= %(begin)s AND bucket < %(end)s)"
    " UNION ALL (SELECT {sums} >= %(end)s ORDER BY bucket LIMIT 1)) AS p"
)
READ_PIECES: Final = _spell(
    "SELECT s.n, p.begin, p.least, p.greatest FROM unnest(%(ids)s::bigint[], %(begins)s::timestamptz[],"
    " %(ends)s::timestamptz[]) WITH ORDINALITY AS s(id, begin, stop, n) CROSS JOIN LATERAL ("
    "SELECT phenomenon_time AS begin, result AS least, result AS greatest FROM observations_observation"
    " WHERE datastream_id = s.id AND phenomenon_time >= s.begin AND phenomenon_time < s.stop"
    " AND phenomenon_time > %(first)s AND phenomenon_time <= %(until)s AND {good} UNION ALL"
    " SELECT bucket, least, greatest FROM observations_aggregate"
    " WHERE datastream_id = s.id AND hours = 1 AND bucket >= s.begin AND bucket < s.stop AND count > 0) AS p"
)
# From when on a Datastream is heard: a mark says that an Observation was no message of its time. Each by itself, a
# range of the key that has all that is asked for.
COUNT_MESSAGES: Final = (
    "SELECT s.n, coalesce(f.at, '2000-01-01Z'), coalesce(c.count, 0) + coalesce(a.count, 0)"
    " FROM unnest(%(ids)s::bigint[]) WITH ORDINALITY AS s(id, n) CROSS JOIN LATERAL (SELECT CASE WHEN ("
    "SELECT (parameters ->> %(mark)s) IS DISTINCT FROM 'true' FROM observations_observation"
    " WHERE datastream_id = s.id AND phenomenon_time >= %(earliest)s AND phenomenon_time < %(begin)s"
    " ORDER BY phenomenon_time DESC LIMIT 1) THEN %(begin)s ELSE (SELECT phenomenon_time FROM observations_observation"
    " WHERE datastream_id = s.id AND phenomenon_time >= %(begin)s AND phenomenon_time < %(end)s"
    " AND (parameters ->> %(mark)s) IS DISTINCT FROM 'true' ORDER BY phenomenon_time LIMIT 1) END AS heard,"
    " (SELECT min(bucket) FROM observations_aggregate WHERE datastream_id = s.id AND hours = 24"
    " AND bucket >= %(begin)s AND bucket < %(end)s) AS summed) AS g"
    " CROSS JOIN LATERAL (SELECT least(g.heard, g.summed) AS at) AS f"
    " CROSS JOIN LATERAL (SELECT count(*) AS count FROM observations_observation WHERE datastream_id = s.id"
    " AND phenomenon_time >= f.at AND phenomenon_time >= %(begin)s AND phenomenon_time < %(end)s"
    " AND NOT conflicting) AS c"
    " CROSS JOIN LATERAL (SELECT sum(count + others)::bigint AS count FROM observations_aggregate"
    " WHERE datastream_id = s.id AND hours = 24 AND bucket >= %(begin)s AND bucket < %(end)s) AS a"
)
