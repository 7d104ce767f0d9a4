"""What is said of files is said by codes, each with words in both languages; what was told before stays as told."""

from importlib import import_module

import msgspec
import pytest
from django.db import connection
from django.utils import translation

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Remark, Said, Saying
from dothi.core.places.layers.views import words
from dothi.core.places.serving.tests.published import publish

CLOCKED = pytest.mark.usefixtures("city_clock")
AS_TOLD = [
    {"number": 2, "name": "Thửa", "problem": "it has no shape", "remedy": ""},
    {"number": 5, "name": "", "problem": "it is odd", "remedy": "taken as one more"},
]


@pytest.mark.parametrize("code", list(Saying))
def test_each_saying_has_words_in_both_languages(code: Saying) -> None:
    told = Said(code, "ma_thua", key="7", number=12345)
    said = {}
    for language in ("vi", "en"):
        with translation.override(language):
            said[language] = words.said(told)
            assert "%" not in said[language].replace(" %", "")
    assert said["vi"] != said["en"] or code is Saying.TOLD
    if code is Saying.SAME_KEY:
        assert said["vi"] == "đối tượng số 12.345 có cùng ma_thua: 7"
    if code is Saying.TOO_MANY_VERTICES:
        assert "12.345" in said["vi"]
        assert "12,345" in said["en"]


def test_a_reason_is_told_in_the_readers_language() -> None:
    with translation.override("vi"):
        assert "tự cắt" in words.said(Said(Saying.INVALID, "Self-intersection"))
        assert words.done(None) == "không nhập được"
    with translation.override("en"):
        assert words.said(Said(Saying.INVALID, "A reason of tomorrow")) == "its shape is invalid (A reason of tomorrow)"


@CLOCKED
@pytest.mark.django_db
def test_what_was_told_before_there_were_codes_stays_as_told() -> None:
    publish("own", [])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE places_revision SET remarks = %s::jsonb", [_json(AS_TOLD)])
        cursor.execute(import_module("dothi.core.places.migrations.0009_sayings").REMARKS)
    assert service.get_revision(SYSTEM, "own", 1).remarks == (
        Remark(2, "Thửa", Said(Saying.TOLD, "it has no shape")),
        Remark(5, "", Said(Saying.TOLD, "it is odd"), Said(Saying.TOLD, "taken as one more")),
    )


def _json(told: object) -> str:
    return msgspec.json.encode(told).decode()
