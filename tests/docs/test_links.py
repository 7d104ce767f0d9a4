"""No link of a page leads nowhere."""

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, SITE, anchors_of, links_of, name, pages


def fault_of(page: Path, link: str) -> str:
    """Say why a link leads nowhere, "" if it leads somewhere."""
    if link.startswith(("http://", "https://", "mailto:")):
        return ""
    file, _, anchor = link.partition("#")
    goal = (page.parent / file).resolve() if file else page
    if not goal.exists() or not goal.is_relative_to(ROOT):
        return "is not there"
    if page.is_relative_to(SITE) and not goal.is_relative_to(SITE):
        return "lies outside of the site"
    if anchor and anchor not in anchors_of(goal.read_text("utf-8")):
        return "has no such heading"
    return ""


@pytest.mark.parametrize("page", pages(), ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = links_of(page.read_text("utf-8"))
    assert [f"{link} {fault}" for link in links if (fault := fault_of(page, link))] == []


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("guides/operating.md", ""),
        ("guides/operating.md#health", ""),
        ("guides/nowhere.md", "is not there"),
        ("guides/operating.md#nowhere", "has no such heading"),
        ("../README.md", "lies outside of the site"),
    ],
)
def test_a_dead_link_is_seen(link: str, fault: str) -> None:
    assert fault_of(SITE / "index.md", link) == fault
