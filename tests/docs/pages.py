"""The pages that people read: all Markdown of the project but the pieces of changes."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tools.check.tree import Tree

ROOT: Final = Path(__file__).resolve().parents[2]
SITE: Final = ROOT / "docs"
"""What `make docs` builds; everything that its pages link to must lie in it."""

_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`([^`\n]+)`")
_LINK: Final = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING: Final = re.compile(r"^#+ +(.+)$", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its language and its text."""

    language: str
    text: str


def pages() -> list[Path]:
    """List all pages."""
    tree = Tree(ROOT)
    return [path for path in tree.files(".md") if not tree.name(path).startswith(("changes/+", "tools/new_domain/"))]


def name(path: Path) -> str:
    """Name a page as the project does."""
    return path.relative_to(ROOT).as_posix()


def blocks(text: str, *languages: str) -> list[Block]:
    """Give the fenced blocks of some languages, of all if none is named."""
    found = [Block(*match.groups()) for match in _FENCE.finditer(text)]
    return [block for block in found if not languages or block.language in languages]


def code_of(text: str) -> Iterator[str]:
    """Give every line of code on a page: of fenced blocks, with continued lines joined, and what is in backticks."""
    for block in blocks(text):
        yield from block.text.replace("\\\n", " ").splitlines()
    yield from _CODE.findall(_FENCE.sub("", text))


def links_of(text: str) -> list[str]:
    """Give the goals of all links and pictures outside of code."""
    return _LINK.findall(_CODE.sub("code", _FENCE.sub("", text)))


def anchors_of(text: str) -> set[str]:
    """Give the anchors of a page's headings as the site makes them."""
    return {_anchor(heading) for heading in _HEADING.findall(_FENCE.sub("", text))}


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\s-]", "", heading.replace("`", "")).strip().lower()
    return re.sub(r"[-\s]+", "-", words)
