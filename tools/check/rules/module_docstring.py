"""A module opens with a docstring of one sentence that says what it is for."""

import ast
import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree

SENTENCE_END = re.compile(r"[.!?](?=\s+[A-ZĐ`])")


def check(tree: Tree) -> Iterator[Finding]:
    """Find modules without such a docstring; an empty file and a migration need none."""
    for path in tree.files(".py"):
        module = tree.syntax(path)
        if not module.body or "migrations" in path.parts:
            continue
        message = _fault(ast.get_docstring(module))
        if message:
            yield Finding(tree.name(path), 1, message)


def _fault(docstring: str | None) -> str:
    if not docstring:
        return "the module has no docstring"
    if not docstring.endswith((".", "?", "!", ":")):
        return "the module's docstring is not a sentence: it lacks its full stop"
    if SENTENCE_END.search(docstring) or "\n\n" in docstring:
        return "the module's docstring is more than one sentence"
    return ""
