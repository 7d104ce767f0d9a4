"""No path of one person's machine stands in the project."""

import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, line_of

MACHINE_PATH = re.compile(r"(?<![\w.~}-])/(?:home|Users|root|work|mnt|media)/[\w.-]+|\b[A-Z]:\\+Users\\")
SUFFIXES = (
    ".py", ".ts", ".html", ".css", ".sh", ".md", ".toml", ".yaml", ".yml", ".json", ".cfg", ".ini", ".tmpl", ".in",
    ".conf", ".service", "Makefile", "run",
)  # fmt: skip


def check(tree: Tree) -> Iterator[Finding]:
    """Find such paths in all text."""
    for path in tree.files(*SUFFIXES):
        text = tree.text(path)
        for match in MACHINE_PATH.finditer(text):
            yield Finding(tree.name(path), line_of(text, match.start()), f"{match.group()!r} is a path of one machine")
