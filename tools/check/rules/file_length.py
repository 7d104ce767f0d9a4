"""A file that people write has at most 400 lines."""

from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree

LIMIT = 400
SUFFIXES = (".py", ".ts", ".html", ".css", ".sh", ".tmpl")


def check(tree: Tree) -> Iterator[Finding]:
    """Find files that are longer."""
    for path in tree.files(*SUFFIXES):
        count = len(tree.text(path).splitlines())
        if count > LIMIT:
            yield Finding(tree.name(path), LIMIT + 1, f"{count} lines; a file has at most {LIMIT}")
