"""Each package marks each of the house's promises `done`, `todo` or `exempt = reason`, and a `done` is true."""

import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tools.check.finding import Finding
from tools.check.tree import Tree

Manifest = dict[str, Any]
EXEMPT = re.compile(r"^exempt = \S.*")
BUDGET = re.compile(r"assert_(?:max_)?num_queries|assertNumQueries|CaptureQueriesContext")


def check(tree: Tree) -> Iterator[Finding]:
    """Find promises that are not marked, marks that are none, and a `done` that a program can see is not."""
    for folder in tree.packages():
        path = folder / "manifest.toml"
        if not path.exists():
            continue
        manifest = tomllib.loads(tree.text(path))
        marks = manifest.get("quality", {})
        for name in sorted({*PROMISES, *marks}):
            fault = _fault(Package(tree, folder, manifest), name, marks.get(name))
            if fault:
                yield Finding(tree.name(path), 1, f"[quality] {name}: {fault}")


class Package:
    """A package as its promises are checked: its manifest, its files and what its tests say."""

    def __init__(self, tree: Tree, folder: Path, manifest: Manifest) -> None:
        self.tree = tree
        self.folder = folder
        self.manifest = manifest

    def tests(self) -> str:
        """Give the text of all the package's tests."""
        under = self.tree.name(self.folder / "tests")
        return "\n".join(self.tree.text(path) for path in self.tree.files(".py", under=under))

    def has_test_about(self, *words: str) -> bool:
        """Tell whether a test's name holds one of the words."""
        return any(re.search(rf"def test_\w*{word}", self.tests()) for word in words)


def _fault(package: Package, name: str, mark: object) -> str:
    if name not in PROMISES:
        return "is none of the house's promises"
    if mark is None:
        return "is not marked"
    if mark == "done":
        return PROMISES[name](package)
    return "" if mark == "todo" or EXEMPT.match(str(mark)) else "must be done, todo or 'exempt = reason'"


def _owner_named(package: Package) -> str:
    return "" if package.manifest.get("owner") else "no owner is named"


def _stale_feed_shown(package: Package) -> str:
    return "" if package.has_test_about("late", "stale") else "no test's name says that late data is shown as late"


def _ingest_idempotent(package: Package) -> str:
    return (
        "" if package.has_test_about("twice", "idempotent") else "no test's name says what happens to data sent twice"
    )


def _permissions_tested(package: Package) -> str:
    text = package.tests()
    missing = [each["id"] for each in package.manifest.get("permissions", []) if each["id"] not in text]
    return f"no test names {', '.join(missing)}" if missing else ""


def _query_budgets(package: Package) -> str:
    return "" if BUDGET.search(package.tests()) else "no test counts queries"


def _both_languages(package: Package) -> str:
    has_templates = (package.folder / "templates").exists()
    has_catalogue = (package.folder / "locale/vi/LC_MESSAGES/django.po").exists()
    return "" if has_catalogue or not has_templates else "there are templates and no catalogue"


def _fixtures_recorded(package: Package) -> str:
    recorded = package.tree.files(under=package.tree.name(package.folder / "tests" / "fixtures"))
    return "" if recorded else "tests/fixtures is empty"


def _detectors_scored(package: Package) -> str:
    name = re.escape(str(package.manifest.get("id")))
    scored = any(
        re.search(rf"\b{name}\b", package.tree.text(path)) for path in package.tree.files(".py", under="bench")
    )
    return "" if scored else "nothing in bench/ scores them"


def _indicators_traced(package: Package) -> str:
    parts = (package.folder / "indicators.py", package.folder / "indicators" / "__init__.py")
    return "" if any(part.exists() for part in parts) else "there is no indicators.py"


def _docs_page(package: Package) -> str:
    page = package.folder / "README.md"
    return "" if page.exists() and package.tree.text(page).startswith("# ") else "README.md is missing or has no title"


PROMISES: dict[str, Callable[[Package], str]] = {
    "owner_named": _owner_named,
    "stale_feed_shown": _stale_feed_shown,
    "ingest_idempotent": _ingest_idempotent,
    "permissions_tested": _permissions_tested,
    "query_budgets": _query_budgets,
    "both_languages": _both_languages,
    "fixtures_recorded": _fixtures_recorded,
    "detectors_scored": _detectors_scored,
    "indicators_traced": _indicators_traced,
    "docs_page": _docs_page,
}
