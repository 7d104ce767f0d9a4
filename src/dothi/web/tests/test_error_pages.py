"""The pages of errors say what happened and what comes next, in both languages, and need no database."""

import pytest
from django.db import OperationalError
from django.test import RequestFactory
from django.utils import translation

from dothi.kernel.errors import Overloaded
from dothi.web import pages

HEADINGS = {
    400: ("Không thực hiện được yêu cầu", "The request can&#x27;t be carried out"),
    403: ("Bạn không có quyền mở trang này", "You may not open this page"),
    404: ("Không có trang này", "There is no page here"),
    500: ("Không hiển thị được trang", "The page could not be made"),
    503: ("Cơ sở dữ liệu không phản hồi", "The database does not answer"),
}


class Away:
    """Stands for the person behind a session when the database is away."""

    @property
    def is_authenticated(self) -> bool:
        raise OperationalError("away")


@pytest.mark.parametrize("status", HEADINGS)
@pytest.mark.parametrize(("language", "index"), [("vi", 0), ("en", 1)])
def test_each_status_has_a_page_in_both_languages(status: int, language: str, index: int) -> None:
    with translation.override(language):
        page = pages.refusal(RequestFactory().get("/x/"), status=status)
    text = page.content.decode()
    assert page.status_code == status
    assert f'<html lang="{language}"' in text
    assert HEADINGS[status][index].replace("&#x27;", "'") in text.replace("&#x27;", "'")


def test_a_database_that_is_away_is_not_asked_again() -> None:
    request = RequestFactory().get("/lighting/")
    request.user = Away()  # type: ignore[assignment]
    page = pages.error_page(request, OperationalError("away"))
    assert page.status_code == 503
    assert page["Retry-After"] == "10"


def test_what_is_overloaded_says_when_to_come_back() -> None:
    assert pages.error_page(RequestFactory().get("/"), Overloaded("full", retry_after_s=3))["Retry-After"] == "3"
