"""Nothing that people can set, call, permit or write into a manifest is undocumented."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from dothi.kernel.manifest import load_manifests
from tests.docs.pages import ROOT, SITE, pages
from tests.docs.test_names import metrics
from tools.check.rules import documented
from tools.check.tree import Tree


def test_reference_pages_say_what_the_code_says() -> None:
    assert list(documented.check(Tree(ROOT))) == []


def test_every_package_names_its_permissions_somewhere() -> None:
    text = "\n".join(page.read_text("utf-8") for page in pages())
    ids = [permission.id for manifest in load_manifests() for permission in manifest.permissions]
    assert [each for each in ids if f"`{each}`" not in text] == []


def test_every_metric_is_explained() -> None:
    guide = (SITE / "guides/operating.md").read_text("utf-8")
    assert [each for each in sorted(metrics()) if f"| `{each}` |" not in guide] == []


def test_every_target_says_what_it_does() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8").splitlines()
    [phony] = [line.removeprefix(".PHONY:").split() for line in makefile if line.startswith(".PHONY:")]
    explained = {line.split(":")[0] for line in makefile if "## " in line}
    assert set(phony) <= explained


def entries(nav: Any) -> Iterator[str]:
    """Walk the site's navigation."""
    if isinstance(nav, str):
        yield nav
        return
    for part in nav.values() if isinstance(nav, dict) else nav:
        yield from entries(part)


def test_every_page_of_the_site_is_in_its_navigation() -> None:
    site = tomllib.loads((ROOT / "zensical.toml").read_text("utf-8"))
    listed = list(entries(site["project"]["nav"]))
    there = {page.relative_to(SITE).as_posix() for page in pages() if page.is_relative_to(SITE)}
    assert len(listed) == len(set(listed))
    gathered = {"domains/index.md"}
    assert set(listed) - gathered == there, "each page of docs/ needs its line in zensical.toml, under nav"


@pytest.mark.parametrize("guide", sorted((SITE / "guides").glob("*.md")), ids=lambda path: path.name)
def test_every_guide_is_on_the_front_page(guide: Any) -> None:
    assert f"(guides/{guide.name})" in (SITE / "index.md").read_text("utf-8")
