"""Decisions are numbered without a gap, of one form, a page long, and listed."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import SITE

FOLDER = SITE / "adr"
DECISIONS = sorted(FOLDER.glob("[0-9]*.md"))
LONGEST_LINES = 60
LONGEST_WORDS = 450


def test_they_are_numbered_without_a_gap() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: path.name)
def test_each_has_the_form_and_is_listed(path: Path) -> None:
    text = path.read_text("utf-8")
    title = text.splitlines()[0]
    assert title.startswith(f"# {int(path.name[:4])}. ")
    assert re.search(r"^Accepted, \d{4}-\d{2}-\d{2}\.|^Replaced by ", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]
    assert len(text.splitlines()) <= LONGEST_LINES
    assert len(text.split()) <= LONGEST_WORDS
    assert f"[{title.removeprefix('# ')}]({path.name})" in (FOLDER / "index.md").read_text("utf-8")
