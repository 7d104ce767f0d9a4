"""What backups need of a database: its tables with their checksums, and whether it is empty."""

from typing import Any, Final

from psycopg import Connection, sql

from dothi.config.backup.manifest import Check, System

_FROM_RELATIONS: Final = """
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
"""
_LIST_TABLES: Final = f"SELECT n.nspname, c.relname {_FROM_RELATIONS} AND c.relkind = 'r' ORDER BY 1, 2"
_DROP_RELATIONS: Final = """
SELECT format('DROP %s IF EXISTS %I.%I CASCADE',
              CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'
                             WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname)
"""
_DROP_TABLES_AND_VIEWS: Final = (
    f"{_DROP_RELATIONS} {_FROM_RELATIONS} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition"
)
_DROP_SEQUENCES: Final = f"{_DROP_RELATIONS} {_FROM_RELATIONS} AND c.relkind = 'S'"
_DROP_ROUTINES: Final = """
SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e')
"""
_DROP_TYPES: Final = """
SELECT format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname)
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = t.oid AND d.classid = 'pg_type'::regclass AND d.deptype = 'e')
AND (t.typtype IN ('e', 'd', 'r') OR (t.typtype = 'c' AND c.relkind = 'c'))
"""
_DROP_SCHEMAS: Final = """
SELECT format('DROP SCHEMA IF EXISTS %I CASCADE', n.nspname) FROM pg_namespace n
WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'public')
AND NOT EXISTS (SELECT FROM pg_extension e WHERE e.extnamespace = n.oid)
AND NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.objid = n.oid AND d.classid = 'pg_namespace'::regclass AND d.deptype = 'e'
)
"""
_SAME_WORDS: Final = (
    "SET timezone = 'UTC'", "SET datestyle = 'ISO, YMD'", "SET intervalstyle = 'postgres'", "SET bytea_output = 'hex'",
    "SET extra_float_digits = 1",
)  # fmt: skip
"""So that a value is written the same on every server, and its hash is the same."""

Tables = list[tuple[str, str]]


def list_tables(connection: Connection[Any]) -> Tables:
    """List the tables that hold rows, partitions among them, as (schema, name); those of extensions are theirs."""
    return [(row[0], row[1]) for row in connection.execute(_LIST_TABLES)]


def lock(connection: Connection[Any], tables: Tables) -> None:
    """Keep tables from being dropped or changed in their form while the transaction lasts; writers go on."""
    if tables:
        names = sql.SQL(", ").join([sql.Identifier(*table) for table in tables])
        connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(names))


def check(connection: Connection[Any], tables: Tables) -> dict[str, Check]:
    """Count and hash the rows of tables, as the transaction sees them.

    The hash of a row is the first 64 bits of the MD5 of its text; a table's is their sum, so order does not matter.
    """
    for words in _SAME_WORDS:
        connection.execute(words)
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(md5(whole_row::text), 16))::bit(64)::bigint::numeric), 0)::text"
        " FROM {} AS whole_row"
    )
    found = {}
    for table in tables:
        row = connection.execute(query.format(sql.Identifier(*table))).fetchone()
        found[".".join(table)] = Check(*(row or (0, "0")))
    return found


def differences(wanted: dict[str, Check], found: dict[str, Check]) -> list[str]:
    """Name what two states of a database differ in."""
    lines = []
    for name in sorted(wanted.keys() | found.keys()):
        was, now = wanted.get(name), found.get(name)
        if was is None or now is None:
            lines.append(f"{name} {'is new' if was is None else 'is missing'}")
        elif was.rows != now.rows:
            lines.append(f"{name} has {now.rows} rows, not {was.rows}")
        elif was != now:
            lines.append(f"{name} has other rows")
    return lines


def is_empty(connection: Connection[Any]) -> bool:
    """Tell whether a database has nothing but what its extensions brought."""
    return all(connection.execute(query).fetchone() is None for query in (_DROP_TABLES_AND_VIEWS, _DROP_SEQUENCES))


def empty(connection: Connection[Any]) -> None:
    """Drop everything but what the extensions brought."""
    # A table takes its own sequences along, so the sequences come after.
    for query in (_DROP_TABLES_AND_VIEWS, _DROP_SEQUENCES, _DROP_ROUTINES, _DROP_TYPES, _DROP_SCHEMAS):
        for (statement,) in connection.execute(query).fetchall():
            connection.execute(statement.encode())


def count_others(connection: Connection[Any]) -> int:
    """Tell how many other sessions use the database."""
    row = connection.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        " AND backend_type = 'client backend'"
    ).fetchone()
    return int(row[0]) if row else 0


def list_migrations(connection: Connection[Any]) -> tuple[str, ...]:
    """List the migrations that were applied, as `app.name`."""
    row = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    if row is None or row[0] is None:
        return ()
    cursor = connection.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
    return tuple(row[0] for row in cursor)


def list_extensions(connection: Connection[Any]) -> tuple[str, ...]:
    """List the extensions beside PostgreSQL's own language."""
    cursor = connection.execute("SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")
    return tuple(row[0] for row in cursor)


def list_systems(connection: Connection[Any]) -> tuple[System, ...]:
    """List the reference systems that were added to those PostGIS brings, as PostGIS itself tells them apart."""
    row = connection.execute(
        "SELECT c.condition FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS c(relation, condition)"
        " WHERE c.relation = to_regclass('spatial_ref_sys')"
    ).fetchone()
    if row is None:
        return ()
    query = f"SELECT srid, auth_name, auth_srid, srtext, proj4text FROM spatial_ref_sys {row[0]} ORDER BY 1"  # noqa: S608
    return tuple(System(*row) for row in connection.execute(query.encode()))


def add_systems(connection: Connection[Any], systems: tuple[System, ...]) -> None:
    """Add reference systems, in place of those of the same number."""
    for each in systems:
        connection.execute(
            "INSERT INTO spatial_ref_sys (srid, auth_name, auth_srid, srtext, proj4text) VALUES (%s, %s, %s, %s, %s)"
            " ON CONFLICT (srid) DO UPDATE SET auth_name = excluded.auth_name, auth_srid = excluded.auth_srid,"
            " srtext = excluded.srtext, proj4text = excluded.proj4text",
            [each.srid, each.auth_name, each.auth_srid, each.srtext, each.proj4text],
        )


def add_extensions(connection: Connection[Any], extensions: tuple[str, ...]) -> None:
    """Install the extensions that are missing; a role that may not do so gets PostgreSQL's own refusal."""
    for name in set(extensions) - set(list_extensions(connection)):
        connection.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(name)))
