"""A text that Python code shows to people goes through gettext: labels, help, messages, errors and bare answers."""

import ast
import re
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, is_test

SHOWN_KEYWORDS = frozenset({"label", "help_text", "verbose_name", "verbose_name_plural", "empty_label", "placeholder"})
SHOWN_FIRST = frozenset({"HttpResponse", "HttpResponseForbidden", "HttpResponseNotFound", "HttpResponseBadRequest"})
SHOWN_SECOND = frozenset({"messages.debug", "messages.info", "messages.success", "messages.warning", "messages.error"})
RAISED = frozenset({"ValidationError", "forms.ValidationError"})
LETTERS = re.compile(r"[^\W\d_]{2,}")
FOLDERS = ("src/dothi/core", "src/dothi/domains", "src/dothi/web")


def check(tree: Tree) -> Iterator[Finding]:
    """Find literal strings with letters where a person will read them."""
    for path in (path for folder in FOLDERS for path in tree.files(".py", under=folder)):
        if is_test(path) or "migrations" in path.parts:
            continue
        for node in ast.walk(tree.syntax(path)):
            if isinstance(node, ast.Call):
                for shown in filter(_is_bare, _shown(node)):
                    message = f"{ast.unparse(shown)[:60]} is shown to people and does not go through gettext"
                    yield Finding(tree.name(path), shown.lineno, message)


def _shown(call: ast.Call) -> Iterator[ast.expr]:
    """Give the arguments of a call that people will read."""
    yield from (keyword.value for keyword in call.keywords if keyword.arg in SHOWN_KEYWORDS)
    name = ast.unparse(call.func)
    if name.rpartition(".")[2] in SHOWN_FIRST or name in RAISED:
        yield from call.args[:1]
    if name in SHOWN_SECOND:
        yield from call.args[1:2]


def _is_bare(node: ast.expr) -> bool:
    """Tell whether an expression is a literal text with words in it, formatted or joined or not."""
    if isinstance(node, ast.BinOp):
        return _is_bare(node.left) or _is_bare(node.right)
    if isinstance(node, ast.JoinedStr):
        return any(_is_bare(part) for part in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LETTERS.search(node.value))
