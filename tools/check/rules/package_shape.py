"""All packages of core and domains have one shape, and a domain has no parts but those of that shape."""

from collections.abc import Iterator
from pathlib import Path

from tools.check.finding import Finding
from tools.check.tree import Tree

NEEDED = {
    "core": ("manifest.toml", "apps.py", "types.py", "service.py", "tests"),
    "domains": ("README.md", "manifest.toml", "apps.py", "types.py", "rules.py", "service.py", "tests"),
}
DOMAIN_PARTS = frozenset(
    {
        "__init__", "apps", "feeds", "frontend", "indicators", "jobs", "locale", "manifest", "migrations", "models",
        "README", "rules", "service", "store", "templates", "tests", "types", "urls", "views",
    }
)  # fmt: skip
PLAIN_FOLDERS = frozenset({"frontend", "locale", "templates", "tests", "fixtures", "static", "cities"})


def check(tree: Tree) -> Iterator[Finding]:
    """Find parts that lack or that no domain has, and folders of modules that Python's importers don't see."""
    for folder in tree.packages():
        for part in NEEDED[folder.parent.name]:
            if not _is_there(folder, part):
                yield Finding(tree.name(folder), 1, f"{part} is missing")
        if folder.parent.name == "domains":
            yield from _foreign_parts(tree, folder)
    yield from _unseen_folders(tree)


def _is_there(folder: Path, part: str) -> bool:
    """A part may be a module or a package of that name: rules.py or rules/."""
    return (folder / part).exists() or (folder / part.removesuffix(".py") / "__init__.py").exists()


def _foreign_parts(tree: Tree, folder: Path) -> Iterator[Finding]:
    parts = {path.relative_to(folder).parts[0] for path in tree.files(under=tree.name(folder))}
    for part in sorted(parts):
        if part.split(".")[0] not in DOMAIN_PARTS:
            yield Finding(tree.name(folder / part), 1, f"{part} is no part of a domain; see docs/guides/new-domain.md")


def _unseen_folders(tree: Tree) -> Iterator[Finding]:
    """A folder without __init__.py is outside the import contracts, so only tests and data may do without."""
    folders = {path.parent for path in tree.files(".py", under="src/dothi")}
    for folder in sorted(folders):
        plain = PLAIN_FOLDERS.intersection(folder.parts)
        if not plain and not (folder / "__init__.py").exists():
            yield Finding(tree.name(folder), 1, "__init__.py is missing, so the import contracts don't see the folder")
