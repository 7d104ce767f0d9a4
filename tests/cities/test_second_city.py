"""A city is data: another country's, in a folder outside of the package, with lighting and air, in its own words."""

import html
import re
from collections.abc import Iterator
from typing import Any, Final

import httpx
import pytest

from tests.e2e.site import Site
from tests.waiting import wait_for

API: Final = "/sensorthings/v1.1"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
VIETNAMESE: Final = re.compile("[ăâđêôơưạảấầẩẫậắằẳẵặẹẻẽếềểễệịỉĩọỏốồổỗộớờởỡợụủũứừửữựỳỵỷỹĂÂĐÊÔƠƯ]")
PAGES: Final = (
    "/",
    "/air/",
    "/air/today/",
    "/air/stations/{air}/",
    "/air/stations/{air}/year/",
    "/lighting/",
    "/lighting/lamps/{lamp}/",
)
OFFICIALS: Final = ("/", "/wall/", "/alarms/", "/work-orders/", "/people/departments/", "/places/layers/")
PASSWORD: Final = "a long enough phrase 31"
pytestmark = pytest.mark.browser


def thing(
    name: str, kind: str, place: tuple[float, float], streams: dict[str, tuple[str, list[dict[str, Any]]]]
) -> Any:
    """Write a Thing with Datastreams, by name their unit and Observations."""
    sensor = {"name": "sensor", "description": "", "encodingType": "text/html", "metadata": ""}
    return {
        "name": name,
        "description": "",
        "properties": {
            "kind": kind,
            "public": True,
            "serial": name,
            "street": "shop-street",
            "street_name": "Shop Street",
        },
        "Locations": [
            {
                "name": name,
                "description": "",
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": list(place)},
            }
        ],
        "Datastreams": [
            {
                "name": stream,
                "description": "",
                "observationType": MEASUREMENT,
                "unitOfMeasurement": {"name": unit, "symbol": unit, "definition": ""},
                "Sensor": sensor,
                "ObservedProperty": {"name": stream, "description": "", "definition": f"urn:test:{stream}"},
                "Observations": observations,
            }
            for stream, (unit, observations) in streams.items()
        ],
    }


def hours(value: float) -> list[dict[str, Any]]:
    """Write twelve hours up to 14:00 of the city's summer time, which is 13:00 UTC."""
    return [
        {"phenomenonTime": f"2026-07-02T{hour:02}:00:00Z/2026-07-02T{hour + 1:02}:00:00Z", "result": value}
        for hour in range(2, 14)
    ]


@pytest.fixture(scope="session")
def things(second_city: Site) -> dict[str, int]:
    """Register an air station and a lamp as devices do; gives their ids."""
    key_id, secret = second_city.create_key()
    station = {"PM2.5": ("µg/m³", hours(61.5)), "O3": ("µg/m³", hours(60.0))}
    lamp = {"power": ("W", [{"phenomenonTime": "2026-07-02T14:19:30Z", "result": 0.4}])}
    headers = {"Authorization": f"Bearer {key_id}.{secret}"}
    with httpx.Client(base_url=second_city.url, headers=headers, trust_env=False) as device:
        for body in (
            thing("Salthill station", "AirStation", (-9.08, 53.26), station),
            thing("Shop Street 1", "Streetlight", (-9.05, 53.27), lamp),
        ):
            assert device.post(f"{API}/Things", json=body).is_success
        found = device.get(f"{API}/Things", params={"$select": "id,properties"}).json()["value"]
    kinds = {"AirStation": "air", "Streetlight": "lamp"}
    return {kinds[each["properties"]["kind"]]: each["@iot.id"] for each in found}


def text_of(site: Site, address: str) -> str:
    """Give a page as it comes, with its entities read."""
    answer = httpx.get(f"{site.url}{address}", trust_env=False, timeout=30)
    assert answer.status_code == 200, address
    return html.unescape(" ".join(answer.text.split()))


def test_the_index_is_the_citys_own(second_city: Site, things: dict[str, int]) -> None:
    wait_for(lambda: "Index of the test 8" in text_of(second_city, "/air/"), "the worker derives the index")
    page = text_of(second_city, f"/air/stations/{things['air']}/")
    assert "High" in page
    assert "VN_AQI" not in page
    today = text_of(second_city, "/air/today/")
    assert "hour from 14:00, 02/07" in today  # 13:00 UTC, an hour later by summer time
    assert "Do less outside." in today
    assert "Air today · Galway" in today


def test_ozone_is_in_the_citys_unit_whatever_the_station_sends(second_city: Site, things: dict[str, int]) -> None:
    page = text_of(second_city, f"/air/stations/{things['air']}/")
    assert '"unit":"ppb"' in page
    assert "30.58" in page  # 60 µg/m³ of ozone at 25 °C
    assert "30.6 <small>ppb</small>" in page
    assert '31 <small class="t3">ppb</small>' in text_of(second_city, "/air/")


def test_limits_are_the_citys_own(second_city: Site, things: dict[str, int]) -> None:
    page = text_of(second_city, f"/air/stations/{things['air']}/year/")
    assert "QCVN" not in page
    assert "No limit could be judged." in page  # a year's needs three quarters of one


@pytest.mark.parametrize("address", PAGES)
def test_nothing_is_vietnamese(second_city: Site, things: dict[str, int], address: str) -> None:
    page = text_of(second_city, address.format(**things))
    assert 'lang="en"' in page
    assert not VIETNAMESE.findall(page)
    for word in ("Hồ Chí Minh", "Bình Dương", "GMT+7", "Asia/Ho_Chi_Minh", "Tiếng"):
        assert word not in page


@pytest.fixture(scope="session")
def official(second_city: Site) -> Iterator[httpx.Client]:
    """Whoever may see all, signed in: rules of alarms and those who answer for them stand on the pages besides."""
    second_city.run("users", "create", "head-of-city", "--role", "administrator", "--password", PASSWORD)
    with httpx.Client(base_url=second_city.url, trust_env=False, follow_redirects=True, timeout=30) as web:
        web.get("/sign-in/")
        form = {"login": "head-of-city", "password": PASSWORD, "csrfmiddlewaretoken": web.cookies["csrftoken"]}
        assert web.post("/sign-in/", data=form, headers={"Referer": second_city.url}).is_success
        yield web


@pytest.mark.parametrize("address", OFFICIALS)
def test_nothing_is_vietnamese_for_officials(official: httpx.Client, address: str) -> None:
    answer = official.get(address)
    assert answer.status_code == 200
    assert answer.url.path == address
    assert not VIETNAMESE.findall(html.unescape(answer.text))


def test_no_language_is_offered_that_the_city_has_not(second_city: Site) -> None:
    assert 'value="vi"' not in text_of(second_city, "/")


def test_lamps_stand_in_the_citys_own_day(second_city: Site, things: dict[str, int]) -> None:
    page = text_of(second_city, f"/lighting/lamps/{things['lamp']}/")
    assert "Europe/Dublin" in page
    assert "Shop Street 1" in page
