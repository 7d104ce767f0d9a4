"""Numbers as people write them; what is none is said to be none, and nothing is guessed."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.importing.numbers import read_numbers, read_values
from dothi.core.observations.importing.types import Csv, Property, Stream

PLAIN = Csv()
COMMA = Csv(decimal=",", thousands=".")
STATE = Property(name="state", definition="urn:x:state")


def read(how: Csv, *texts: str) -> list[float | str]:
    found = read_numbers(pa.array(texts), how=how, missing=("", "NA", "-"))
    assert found.numbers is not None
    words = np.where(found.bad, "bad", np.where(found.missing, "missing", ""))
    return [str(word) or float(number) for word, number in zip(words, found.numbers, strict=True)]


def test_numbers_and_words_for_nothing() -> None:
    assert read(PLAIN, "15.6047619", " -3 ", "1e3", ".5", "5.", "+2", "", " NA ", "-") == [
        15.6047619, -3, 1000, 0.5, 5, 2, "missing", "missing", "missing",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e400", "0x10", "1_000", "12 µg", "1,5", "--1", "１２"])
def test_this_is_no_number(text: str) -> None:
    assert read(PLAIN, text) == ["bad"]


def test_decimal_comma_and_thousands() -> None:
    assert read(COMMA, "1.234,5", "0,25", "7") == [1234.5, 0.25, 7]
    assert read(Csv(decimal=","), "0,25", "1.5") == [0.25, "bad"]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_number_is_read_to_the_last_bit(number: float) -> None:
    assert read(PLAIN, repr(number)) == [number]


def test_columns_that_are_of_numbers_already() -> None:
    found = read_numbers(pa.array([1.5, None, float("nan"), float("inf")]), how=PLAIN, missing=())
    assert (found.missing.tolist(), found.bad.tolist()) == ([False, True, True, False], [False, False, False, True])
    whole = read_numbers(pa.array([1, None]), how=PLAIN, missing=())
    assert whole.numbers is not None
    assert (whole.numbers[0], whole.missing.tolist()) == (1.0, [False, True])


def test_texts_and_truths_are_kept_as_json() -> None:
    text = read_values(pa.array(['open "wide"', ""]), Stream(STATE, column="s", kind="text"), how=PLAIN, missing=("",))
    assert text.texts is not None
    assert (text.texts[0], text.missing.tolist()) == ('"open \\"wide\\""', [False, True])
    truth = read_values(pa.array(["Yes", "0", "?"]), Stream(STATE, column="s", kind="truth"), how=PLAIN, missing=("",))
    assert truth.texts is not None
    assert (truth.texts[:2].tolist(), truth.bad.tolist()) == (["true", "false"], [False, False, True])
