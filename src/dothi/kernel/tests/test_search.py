"""How names fit what is asked: the very name first, marks and case apart, misspellings last."""

from hypothesis import given
from hypothesis import strategies as st

from dothi.kernel.search import Asked, Fit, Hit, asked_for, fit, in_order, likeness
from dothi.kernel.text import fold_words


def test_the_very_name_comes_first() -> None:
    names = ["Phú Lợi", "Phú Lộc", "Tân Phú Lợi", "Phù Lợi", "Phú Lợi Đông", "Dĩ An", "Xphú Lợi"]
    ranked = sorted((fit("Phú Lợi", name), name) for name in names)
    assert [name for _, name in ranked[:5]] == ["Phú Lợi", "Phù Lợi", "Phú Lợi Đông", "Tân Phú Lợi", "Xphú Lợi"]
    assert {found for found, _ in ranked[5:]} == {Fit.SIMILAR}
    assert fit("", "Phú Lợi") is Fit.SIMILAR


def test_of_equals_what_holds_today_comes_first_then_the_more_alike() -> None:
    old, new = Hit("Đông Hòa", "/1", is_past=True), Hit("Đông Hòa", "/2")
    near, far = Hit("Dĩ Ann", "/3"), Hit("Dĩ Xuân", "/4")
    asked = Asked("dong hoa")
    assert in_order(asked, [old, new]) == [new, old]
    assert in_order(Asked("di an"), [far, near]) == [near, far]


def test_a_code_fits_as_a_name_does() -> None:
    assert in_order(Asked("25747"), [Hit("Kho 25747 B", "/1"), Hit("Dĩ An", "/2", code="25747")])[0].address == "/2"


def test_what_is_typed_is_cut_and_tidied() -> None:
    assert asked_for("  Dĩ \n An ").text == "Dĩ An"
    assert len(asked_for("x" * 1000).text) == 100


@given(st.text(max_size=40))
def test_folding_again_changes_nothing(text: str) -> None:
    assert fold_words(fold_words(text)) == fold_words(text)


@given(st.text(alphabet="abc ", max_size=12), st.text(alphabet="abc ", max_size=12))
def test_likeness_is_a_share_and_the_same_both_ways(one: str, other: str) -> None:
    one, other = fold_words(one), fold_words(other)
    assert 0 <= likeness(one, other) == likeness(other, one) <= 1
    assert likeness(one, one) == (1 if one else 0)
