"""Lock files carry versions and hashes but no address of a registry, so that every machine may use its own."""

import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, line_of

ADDRESSES = {
    ".lock": re.compile(r"https?://|--(?:extra-)?index-url|--find-links"),
    "package-lock.json": re.compile(r'"resolved"'),
}
FORBIDDEN = ("uv.lock", "poetry.lock", "yarn.lock", "pnpm-lock.yaml")


def check(tree: Tree) -> Iterator[Finding]:
    """Find addresses in lock files, and lock files of kinds that record them."""
    for path in tree.files(*FORBIDDEN):
        yield Finding(tree.name(path), 1, "this kind of lock file records addresses; it is not committed")
    for suffix, address in ADDRESSES.items():
        for path in tree.files(suffix):
            text = tree.text(path)
            for match in address.finditer(text):
                yield Finding(tree.name(path), line_of(text, match.start()), f"{match.group()} in a lock file")
