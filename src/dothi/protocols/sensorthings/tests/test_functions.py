"""Every function of the standard and every operator, each by filters that must hold and filters that must not."""

import httpx
import pytest
import pytest_asyncio

from dothi.core.observations.query.functions import NAMES
from dothi.protocols.sensorthings.tests.city import datastream, get, location, make

BODY = {
    "name": " Đèn A/1 ",
    "properties": {"height": 7.5, "below": -7.5},
    "Locations": [location("corner", 106.5)],
    "Datastreams": [
        datastream(
            "power",
            Observations=[{"result": 1, "phenomenonTime": "2026-02-28T23:59:30.250Z/2026-03-01T01:00:00Z"}],
        )
    ],
}
TIME = "Datastreams/Observations/phenomenonTime"
PLACE = "Locations/location"
_BOX = "geography'POLYGON((106 11,107 11,107 12,106 12,106 11))'"
_FAR = "geography'POLYGON((1 1,2 1,2 2,1 2,1 1))'"
_SPOT = "geography'POINT(106.5 11.05)'"
_EDGE = "geography'LINESTRING(106.5 11.05,108 11.05)'"
CASES: dict[str, tuple[list[str], list[str]]] = {
    "substringof": (["substringof('èn A',name)"], ["substringof('x',name)"]),
    "contains": (["contains(name,'èn A')"], ["contains('èn A',name)"]),
    "startswith": (["startswith(name,' Đ')"], ["startswith(name,'Đ')"]),
    "endswith": (["endswith(name,'1 ')", "endswith(name,'')"], ["endswith(name,'1')"]),
    "indexof": (["indexof(name,'A') eq 5", "indexof(name,'x') eq -1"], ["indexof(name,'A') eq 6"]),
    "length": (["length(name) eq 9"], ["length(name) ne 9"]),
    "substring": (["substring(name,5) eq 'A/1 '", "substring(name,5,1) eq 'A'"], ["substring(name,5,2) eq 'A'"]),
    "tolower": (["tolower(name) eq ' đèn a/1 '"], ["tolower(name) eq name"]),
    "toupper": (["toupper(name) eq ' ĐÈN A/1 '"], ["toupper(name) eq name"]),
    "trim": (["trim(name) eq 'Đèn A/1'"], ["trim(name) eq name"]),
    "concat": (["concat(concat(name,'a'),'b') eq ' Đèn A/1 ab'"], ["concat(name,'a') eq name"]),
    "round": (["round(properties/height) eq 8", "round(properties/below) eq -8"], ["round(properties/height) eq 7"]),
    "floor": (["floor(properties/height) eq 7", "floor(properties/below) eq -8"], ["floor(properties/height) eq 8"]),
    "ceiling": (["ceiling(properties/height) eq 8", "ceiling(properties/below) eq -7"], ["ceiling(7.2) eq 7"]),
    "year": ([f"year({TIME}) eq 2026"], [f"year({TIME}) eq 2025"]),
    "month": ([f"month({TIME}) eq 2"], [f"month({TIME}) eq 3"]),
    "day": ([f"day({TIME}) eq 28"], [f"day({TIME}) eq 1"]),
    "hour": ([f"hour({TIME}) eq 23"], [f"hour({TIME}) eq 1"]),
    "minute": ([f"minute({TIME}) eq 59"], [f"minute({TIME}) eq 0"]),
    "second": ([f"second({TIME}) eq 30"], [f"second({TIME}) eq 30.25"]),
    "fractionalseconds": ([f"fractionalseconds({TIME}) eq 0.25"], [f"fractionalseconds({TIME}) eq 30.25"]),
    "date": ([f"date({TIME}) eq 2026-02-28"], [f"date({TIME}) eq 2026-03-01"]),
    "time": ([f"time({TIME}) gt 23:59:30"], [f"time({TIME}) eq 23:59:30"]),
    "totaloffsetminutes": ([f"totaloffsetminutes({TIME}) eq 0"], [f"totaloffsetminutes({TIME}) ne 0"]),
    "now": ([f"{TIME} ne now()"], ["now() lt 2026-01-01T00:00:00Z"]),
    "mindatetime": ([f"{TIME} gt mindatetime()"], [f"{TIME} lt mindatetime()"]),
    "maxdatetime": ([f"{TIME} lt maxdatetime()"], [f"{TIME} gt maxdatetime()"]),
    "before": ([f"before({TIME},2026-03-01T01:00:01Z)"], [f"before({TIME},2026-03-01T00:00:00Z)"]),
    "after": ([f"after({TIME},2026-02-28T23:59:30Z)"], [f"after({TIME},2026-03-01T00:00:00Z)"]),
    "meets": (
        [f"meets({TIME},2026-03-01T01:00:00Z/2026-03-02T00:00:00Z)"],
        [f"meets({TIME},2026-03-01T00:00:00Z/2026-03-02T00:00:00Z)"],
    ),
    "during": (
        [f"during({TIME},2026-02-28T00:00:00Z/2026-03-01T01:00:00Z)"],
        [f"during({TIME},2026-02-28T00:00:00Z/2026-03-01T00:00:00Z)"],
    ),
    "overlaps": (
        [f"overlaps({TIME},2026-03-01T00:00:00Z/2026-03-02T00:00:00Z)"],
        [f"overlaps({TIME},2026-03-01T01:00:00Z/2026-03-02T00:00:00Z)"],
    ),
    "starts": (
        [f"starts({TIME},2026-02-28T23:59:30.25Z/2026-03-02T00:00:00Z)"],
        [f"starts({TIME},2026-02-28T23:59:30Z/2026-03-01T01:00:00Z)"],
    ),
    "finishes": (
        [f"finishes({TIME},2026-02-28T00:00:00Z/2026-03-01T01:00:00Z)"],
        [f"finishes({TIME},2026-02-28T23:59:30.25Z/2026-03-01T00:00:00Z)"],
    ),
    "geo.distance": (
        [f"geo.distance({PLACE},geography'POINT(106.5 12.05)') eq 1"],
        [f"geo.distance({PLACE},{_BOX}) gt 0"],
    ),
    "geo.length": ([f"geo.length({_EDGE}) eq 1.5", f"geo.length({PLACE}) eq 0"], [f"geo.length({_EDGE}) gt 1.6"]),
    "geo.intersects": ([f"geo.intersects({PLACE},{_BOX})"], [f"geo.intersects({PLACE},{_FAR})"]),
    "st_equals": ([f"st_equals({PLACE},{_SPOT})"], [f"st_equals({PLACE},{_BOX})"]),
    "st_disjoint": ([f"st_disjoint({PLACE},{_FAR})"], [f"st_disjoint({PLACE},{_BOX})"]),
    "st_touches": ([f"st_touches({PLACE},{_EDGE})"], [f"st_touches({PLACE},{_BOX})"]),
    "st_within": ([f"st_within({PLACE},{_BOX})"], [f"st_within({_BOX},{PLACE})"]),
    "st_overlaps": (
        [f"st_overlaps({_BOX},geography'POLYGON((106.5 11,108 11,108 12,106.5 12,106.5 11))')"],
        [f"st_overlaps({PLACE},{_BOX})"],
    ),
    "st_crosses": ([f"st_crosses({_EDGE},{_BOX})"], [f"st_crosses({PLACE},{_BOX})"]),
    "st_intersects": ([f"st_intersects({PLACE},{_EDGE})"], [f"st_intersects({PLACE},{_FAR})"]),
    "st_contains": ([f"st_contains({_BOX},{PLACE})"], [f"st_contains({PLACE},{_BOX})"]),
    "st_relate": ([f"st_relate({PLACE},{_BOX},'0FFFFF212')"], [f"st_relate({PLACE},{_BOX},'F0FFFF212')"]),
}
OPERATORS: dict[str, tuple[list[str], list[str]]] = {
    "eq": (["properties/height eq 7.5"], ["properties/height eq 7"]),
    "ne": (["properties/height ne 7"], ["properties/height ne 7.5"]),
    "gt": (["properties/height gt 7"], ["properties/height gt 7.5"]),
    "ge": (["properties/height ge 7.5"], ["properties/height ge 7.6"]),
    "lt": (["properties/height lt 8"], ["properties/height lt 7.5"]),
    "le": (["properties/height le 7.5"], ["properties/height le 7.4"]),
    "and": (["true and properties/height gt 7"], ["false and properties/height gt 7"]),
    "or": (["false or properties/height gt 7"], ["false or properties/height lt 7"]),
    "not": (["not properties/height lt 7"], ["not properties/height gt 7"]),
    "add": (["properties/height add 1 eq 8.5"], ["properties/height add 1 eq 7.5"]),
    "sub": (["properties/height sub 1 eq 6.5"], ["properties/height sub 1 eq 7.5"]),
    "mul": (["properties/height mul 2 eq 15"], ["properties/height mul 2 eq 7.5"]),
    "div": (["properties/height div 3 eq 2.5"], ["properties/height div 3 eq 2"]),
    "mod": (["properties/height mod 2 eq 1.5", "properties/below mod 2 eq -1.5"], ["properties/height mod 2 eq 1"]),
    "( )": (["2 mul (1 add properties/height) eq 17"], ["2 mul 1 add properties/height eq 17"]),
    "in": (["properties/height in (1,7.5)"], ["properties/height in (1,7)"]),
}


@pytest_asyncio.fixture
async def thing(client: httpx.AsyncClient) -> int:
    """The one Thing that the filters hold of, or not."""
    return await make(client, "Things", BODY)


def test_every_function_has_its_cases() -> None:
    assert CASES.keys() == NAMES


async def test_each_holds_and_does_not(client: httpx.AsyncClient, thing: int, subtests: pytest.Subtests) -> None:
    for holding, failing in (CASES | OPERATORS).values():
        for filtered, number in [*((each, 1) for each in holding), *((each, 0) for each in failing)]:
            with subtests.test(filtered):
                found = await get(client, "Things", filter=filtered, select="id")
                assert found["value"] == [{"@iot.id": thing}] * number
