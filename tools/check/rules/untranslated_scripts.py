"""A text that a script shows stands in its messages, which tsc holds to both languages, and not in the code."""

import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.markup import bare_texts
from tools.check.tree import Tree, line_of

WORDS = r"""(?P<quote>["'`])(?P<text>[^"'`\n]*[^\W\d_]{2,}[^"'`\n]*)(?P=quote)"""
SHOWN = re.compile(
    rf"""(?:\.(?:textContent|innerText|title|placeholder|alt|ariaLabel)\s*=\s*
    |\.setAttribute\(\s*["'](?:title|alt|placeholder|aria-label|aria-description)["']\s*,\s*){WORDS}""",
    re.VERBOSE,
)
ONLY_VALUES = re.compile(r"^(?:\s*\$\{[^}]*\}\W*)+$")
TEMPLATE = re.compile(r"\bhtml`")


def check(tree: Tree) -> Iterator[Finding]:
    """Find literal words given to what a person reads on the page, by assignment or in a template."""
    for path in tree.files(".ts"):
        if path.name.endswith(".test.ts"):
            continue
        text = tree.text(path)
        for line, words in [*_assigned(text), *_in_templates(text)]:
            message = f"{words[:60]!r} is shown to people and stands outside the messages"
            yield Finding(tree.name(path), line, message)


def _assigned(text: str) -> Iterator[tuple[int, str]]:
    for match in SHOWN.finditer(text):
        if not ONLY_VALUES.match(match["text"]):
            yield line_of(text, match.start()), match["text"]


def _in_templates(text: str) -> Iterator[tuple[int, str]]:
    for match in TEMPLATE.finditer(text):
        first = line_of(text, match.start())
        for line, words in bare_texts(_markup_from(text, match.end())):
            yield first + line - 1, words


def _markup_from(text: str, start: int) -> str:
    """Give a template literal's own markup, each `${value}` in it replaced by a 0, its line breaks kept."""
    markup: list[str] = []
    depth = 0
    for sign in text[start:]:
        if depth == 0 and sign == "`":
            break
        opens = sign == "{" and (depth > 0 or markup[-1:] == ["$"])
        if opens and depth == 0:
            markup[-1] = "0"
        if (depth == 0 and not opens) or sign == "\n":
            markup.append(sign)
        depth += opens - (sign == "}" and depth > 0)
    return "".join(markup)
