"""The page's language is the reader's choice, else the city's first one."""

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation

from dothi.web.middleware import CityLanguageMiddleware


def language_of(**headers: str) -> str:
    request = RequestFactory().get("/", headers=headers)
    with translation.override("en"):
        CityLanguageMiddleware(lambda _: HttpResponse()).process_request(request)
        return translation.get_language() or ""


def test_the_browsers_wish_does_not_count() -> None:
    assert language_of(accept_language="en-GB,en;q=0.9") == "vi"


@pytest.mark.parametrize(("cookie", "language"), [("en", "en"), ("vi", "vi"), ("fr", "vi"), ("", "vi")])
def test_the_readers_choice_counts(cookie: str, language: str) -> None:
    assert language_of(cookie=f"dothi_language={cookie}") == language


def test_a_choice_is_kept_and_leads_back() -> None:
    answer = Client().post("/language/", {"lang": "en", "next": "/lighting/"})
    assert answer.status_code == 302
    assert answer["Location"] == "/lighting/"
    assert answer.cookies["dothi_language"].value == "en"


@pytest.mark.parametrize("goal", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_a_choice_never_leads_elsewhere(goal: str) -> None:
    assert Client().post("/language/", {"lang": "en", "next": goal})["Location"] == "/"


def test_an_unknown_language_is_not_kept() -> None:
    assert "dothi_language" not in Client().post("/language/", {"lang": "xx"}).cookies


def test_a_choice_is_made_by_posting_alone() -> None:
    assert Client().get("/language/").status_code == 405


@pytest.mark.django_db
def test_a_page_says_its_language_and_what_it_depends_on() -> None:
    answer = Client().get("/map/base.geojson")
    assert answer["Content-Language"] == "vi"
    assert "Cookie" in answer["Vary"]
