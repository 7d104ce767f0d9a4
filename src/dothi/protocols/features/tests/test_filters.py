"""What a filter may say: CQL2 over the layer's own attributes, and no function of the database."""

from typing import Any

import pytest
from cql2 import Expr
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.kernel.errors import InvalidInput
from dothi.protocols.features import filters

COLUMNS = {"so", "use", "geom", "ngay"}


@pytest.mark.parametrize(
    "text",
    [
        "so = 1 AND use = 'ODT'",
        "so IN (1, 2) OR NOT use IS NULL",
        "use LIKE 'O%' AND so BETWEEN 1 AND 5",
        "casei(use) = casei('odt')",
        "S_INTERSECTS(geom, POLYGON((0 0, 1 0, 1 1, 0 0)))",
        "T_AFTER(ngay, DATE('2020-01-01'))",
        "so + 1 > 2 * so",
    ],
)
def test_cql2_passes(text: str) -> None:
    filters.check(Expr(text).to_json(), columns=COLUMNS)


@pytest.mark.parametrize(
    "text",
    [
        "query_to_xml('select * from accounts_user', true, true, '') = 'x'",
        "pg_sleep(10) = 1",
        "so = pg_backend_pid()",
        "use = current_setting('data_directory')",
        "S_INTERSECTS(geom, st_buffer(geom, 1e9))",
        "password = 'x'",
        "ctid = '(0,1)'",
        "NOT (so = 1 AND (use = 'a' OR dblink('x', 'y') = 1))",
    ],
)
def test_what_is_not_listed_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        filters.check(Expr(text).to_json(), columns=COLUMNS)
    assert refused.value.place == "filter"


def test_a_filter_is_not_nested_without_end() -> None:
    told: Any = {"op": "=", "args": [{"property": "so"}, 1]}
    for _ in range(200):
        told = {"op": "not", "args": [told]}
    with pytest.raises(InvalidInput):
        filters.check(told, columns=COLUMNS)


@given(
    st.recursive(
        st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.binary(max_size=2)),
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(st.sampled_from(["op", "args", "property", "x"]), inner, max_size=3),
        ),
        max_leaves=12,
    )
)
def test_whatever_comes_is_passed_or_refused(told: Any) -> None:
    try:
        filters.check(told, columns=COLUMNS)
    except InvalidInput:
        return


@pytest.mark.django_db
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet="a'\\\";-%$() \n\té", max_size=12))
def test_a_text_stays_within_its_quotes(text: str) -> None:
    """What is compared is the very text, whatever stands in it: the database says so."""
    sql = Expr({"op": "=", "args": [{"property": "use"}, text]}).to_sql()
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + sql.replace("%", "%%") + " FROM (SELECT %s::text AS use) t", [text])
        assert cursor.fetchall() == [(True,)]
