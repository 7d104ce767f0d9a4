"""The site builds without a warning and asks nothing of any other host."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, SITE, pages
from tools.reference import pages as reference

FETCHED = re.compile(
    r"<(?:script|img|iframe|source|video)\b[^>]*\ssrc=[\"']?(?:https?:)?//[^\"'\s>]+"
    r"|<link\b(?![^>]*rel=[\"']?(?:canonical|next|prev))[^>]*\shref=[\"']?(?:https?:)?//[^\"'\s>]+"
    r"|url\([\"']?(?:https?:)?//[^)]+|@import[^;]*//[^;]+"
)
LOADED_LATER = re.compile(r'class="(?:mermaid|glightbox|pyodide)\b')
"""What would make the theme's script fetch another script from elsewhere."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The site, built in a folder of its own, with warnings as errors."""
    folder = tmp_path_factory.mktemp("docs")
    shutil.copy(ROOT / "zensical.toml", folder)
    shutil.copytree(SITE, folder / "docs", ignore=shutil.ignore_patterns("domains"))
    reference.gather(ROOT, site=folder)
    program = Path(sys.executable).with_name("zensical")
    built = subprocess.run(
        [program, "build", "--clean", "--strict"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stdout + built.stderr
    yield folder / "site"
    shutil.rmtree(folder)


def test_every_page_is_there(site: Path) -> None:
    there = {path.relative_to(SITE).with_suffix(".html") for path in pages() if path.is_relative_to(SITE)}
    there |= {Path("domains/index.html"), Path("domains/lighting.html")}
    assert [page for page in sorted(there) if not (site / page).exists()] == []


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    found = []
    for path in sorted(site.rglob("*")):
        if path.suffix in {".html", ".css", ".svg"}:
            text = path.read_text("utf-8")
            found += [f"{path.name}: {match[:100]}" for match in FETCHED.findall(text) + LOADED_LATER.findall(text)]
    assert found == []


def test_a_fetch_is_seen() -> None:
    assert FETCHED.search('<link rel="stylesheet" href="https://fonts.example/css">')
    assert FETCHED.search('<script src="//cdn.example/a.js"></script>')
    assert not FETCHED.search(
        '<a href="https://zensical.org/">made with</a><link rel="canonical" href="https://a.example/">'
    )
