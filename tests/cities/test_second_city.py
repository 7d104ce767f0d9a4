"""A city is data: another country's, in a folder outside of the package, with lighting and air, in its own words."""

import html
import re
from typing import Final

import httpx
import pytest

from tests.e2e.site import Site
from tests.waiting import wait_for

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
OFFICIALS: Final = (
    "/",
    "/wall/",
    "/alarms/",
    "/work-orders/",
    "/crew/",
    "/people/",
    "/people/departments/",
    "/audit/",
    "/places/",
    "/places/layers/",
    "/places/questions/",
    "/lighting/energy/",
    "/lighting/energy/tariffs/",
    "/lighting/schedules/",
    "/lighting/commands/",
)
pytestmark = pytest.mark.browser


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
