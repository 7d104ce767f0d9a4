"""The queries of the tree of departments."""

from collections.abc import Iterable

from django.db import connection

from dothi.core.accounts.models import Department as Row
from dothi.core.accounts.models import Grant, MachineKey
from dothi.core.accounts.types import Department

_BELOW = (
    "SELECT asked.code, array_agg(d.code) FROM unnest(%s::text[]) AS asked(code)"
    " JOIN accounts_department d ON asked.code = ANY(d.path) GROUP BY 1"
)


def list_departments() -> list[Department]:
    """List all departments, each before those below it."""
    return [_department(row) for row in Row.objects.order_by("path")]


def find_department(code: str) -> Department | None:
    """Give a department, or None."""
    row = Row.objects.filter(code=code).first()
    return None if row is None else _department(row)


def list_below(codes: Iterable[str]) -> dict[str, frozenset[str]]:
    """Give each code with those of all departments below it, in one query; a code need not be in the tree."""
    asked = sorted(set(codes))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, [asked])
        found = dict(cursor.fetchall())
    return {code: frozenset({code, *found.get(code, ())}) for code in asked}


def insert_department(department: Department) -> None:
    """Keep a new department."""
    Row.objects.create(
        code=department.code,
        name_vi=department.name_vi,
        name_en=department.name_en,
        path=list(department.path),
    )


def update_department(department: Department, *, was: Department) -> None:
    """Keep names and place of a department; those below move with it."""
    Row.objects.filter(code=department.code).update(name_vi=department.name_vi, name_en=department.name_en)
    if department.path != was.path:
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_department SET path = %s::text[] || path[%s:] WHERE %s = ANY(path)",
                [list(department.path), len(was.path) + 1, department.code],
            )


def delete_department(code: str) -> None:
    """Take a department out of the tree."""
    Row.objects.filter(code=code).delete()


def is_named(code: str) -> bool:
    """Tell whether a grant or a machine key names a department."""
    return Grant.objects.filter(department=code).exists() or MachineKey.objects.filter(department=code).exists()


def lock() -> None:
    """Let changes of the tree wait for each other until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_department IN SHARE ROW EXCLUSIVE MODE")


def _department(row: Row) -> Department:
    return Department(code=row.code, name_vi=row.name_vi, name_en=row.name_en, path=tuple(row.path))
