"""Nothing of the product outside of a domain's folder names it: no import, address, slug or path."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.workbench import ROOT

DOMAINS: Final = sorted(file.parent.name for file in (ROOT / "src/dothi/domains").glob("*/manifest.toml"))
PRODUCT: Final = ("src", "frontend", "simulators", "tools", "deploy", "Makefile", "pyproject.toml", "package.json",
                  "tsconfig.json", "vite.config.ts", "biome.json", "zensical.toml")  # fmt: skip
OWN: Final = ("src/dothi/domains/{0}/", "simulators/{0}/")
NOT_PRODUCT: Final = re.compile(r"(^|/)tests/|\.test\.ts$|/making\.ts$|\.lock$|\.md$|\.po$|conftest\.py$")
"""Tests, what makes things for them, and prose may take a domain as their example."""
COMMENT: Final = re.compile(r"/\*.*?\*/|^\s*//.*?$", re.DOTALL | re.MULTILINE)
NOTE: Final = re.compile(r"^\s*#.*?$", re.MULTILINE)
READ: Final = (".py", ".toml", ".ts", ".css", ".html", ".json", ".sh", ".yaml", ".yml", ".service", ".conf", "Makefile")


def sources() -> Iterator[tuple[str, str]]:
    """Give the product's files that are under version control, as path and text."""
    listed = subprocess.run(["git", "ls-files", *PRODUCT], cwd=ROOT, capture_output=True, text=True, check=True)
    for path in listed.stdout.splitlines():
        file = ROOT / path
        if path.endswith(READ) and not NOT_PRODUCT.search(path) and file.is_file():
            yield path, without_prose(path, file.read_text("utf-8"))


def without_prose(path: str, text: str) -> str:
    """Blank docstrings and comments, and leave the lines where they are."""
    if not path.endswith(".html"):
        comment = COMMENT if path.endswith((".ts", ".css", ".json")) else NOTE
        text = comment.sub(lambda found: "\n" * found[0].count("\n"), text)
    if not path.endswith(".py"):
        return text
    lines = text.splitlines()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and node.end_lineno:
            lines[node.lineno - 1 : node.end_lineno] = [""] * (node.end_lineno - node.lineno + 1)
    return "\n".join(lines)


def namings(domain: str) -> re.Pattern[str]:
    """Give what it is to name a domain: as a module, in an address, as a namespace of addresses, or in an id."""
    return re.compile(
        rf"domains[./]{domain}\b|simulators[./]{domain}\b"  # an import, a path
        rf"|[\"'`]/?{domain}/"  # an address, a template, an island
        rf"|[\"'`]{domain}[.:][a-z_]"  # a permission, an event, a layer, a rule; a name to reverse
        rf"|[\"'`]{domain}[\"'`]"  # the slug alone
        rf"|\b{domain}_[a-z_]+\b(?=[\"'`\s]*(?:FROM|JOIN|TABLE))"  # its tables
    )


def named_outside(domain: str) -> list[str]:
    own = tuple(each.format(domain) for each in OWN)
    pattern = namings(domain)
    return [
        f"{path}:{number}: {line.strip()}"
        for path, text in sources()
        if not path.startswith(own)
        for number, line in enumerate(text.splitlines(), start=1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize("domain", DOMAINS)
def test_nothing_outside_names_a_domain(domain: str) -> None:
    assert named_outside(domain) == []


@pytest.mark.parametrize(
    "line",
    [
        "from dothi.domains.air.service import x",
        'path("air/", include(x))',
        '{% url "air:station" 7 %}',
        'require(actor, "air.station.view")',
        'if domain == "air":',
        "const page = `/air/stations/`;",
        "fetch('/air/today/')",
    ],
)
def test_what_would_name_one_is_seen(line: str) -> None:
    assert namings("air").search(line)


@pytest.mark.parametrize(
    "line", ["# the refraction of the air below", 'title("Air temperature")', "repair.x", "'airy'"]
)
def test_a_word_of_the_language_is_no_name(line: str) -> None:
    assert not namings("air").search(line)


def test_the_product_is_read() -> None:
    found = [path for path, _text in sources()]
    assert len(found) > 400
    assert "src/dothi/config/settings.py" in found or any(path.startswith("src/dothi/config/") for path in found)
    assert not any(Path(path).name.startswith("test_") for path in found)
