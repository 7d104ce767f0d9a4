"""No file or folder is named for being leftover (utils, common, helpers, lib): a name says what is in it."""

from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree

LEFTOVER = frozenset({"common", "helper", "helpers", "lib", "libs", "misc", "shared", "util", "utilities", "utils"})


def check(tree: Tree) -> Iterator[Finding]:
    """Find leftover names among the parts of paths of code."""
    for path in tree.files(".py", ".ts", ".css", ".html", ".sh"):
        name = tree.name(path)
        for part in name.split("/"):
            if part.split(".")[0].lower() in LEFTOVER:
                yield Finding(name, 1, f"{part!r} says nothing of what is in it; find the real home")
