"""A text that a script shows stands in its messages, which tsc holds to both languages, and not in the code."""

import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, line_of

WORDS = r"""(?P<quote>["'`])(?P<text>[^"'`\n]*[^\W\d_]{2,}[^"'`\n]*)(?P=quote)"""
SHOWN = re.compile(
    rf"""(?:\.(?:textContent|innerText|title|placeholder|alt|ariaLabel)\s*=\s*
    |\.setAttribute\(\s*["'](?:title|alt|placeholder|aria-label|aria-description)["']\s*,\s*){WORDS}""",
    re.VERBOSE,
)
ONLY_VALUES = re.compile(r"^(?:\s*\$\{[^}]*\}\W*)+$")


def check(tree: Tree) -> Iterator[Finding]:
    """Find literal words given to what a person reads on the page."""
    for path in tree.files(".ts"):
        if path.name.endswith(".test.ts"):
            continue
        text = tree.text(path)
        for match in SHOWN.finditer(text):
            if not ONLY_VALUES.match(match["text"]):
                message = f"{match['text'][:60]!r} is shown to people and stands outside the messages"
                yield Finding(tree.name(path), line_of(text, match.start()), message)
