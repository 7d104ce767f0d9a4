"""A Python function has at most 40 lines from its `def` to its end: docstring and comments count, decorators don't."""

import ast
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree

LIMIT = 40


def check(tree: Tree) -> Iterator[Finding]:
    """Find functions and methods that are longer."""
    for path in tree.files(".py"):
        for node in ast.walk(tree.syntax(path)):
            if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.end_lineno is None:
                continue
            count = node.end_lineno - node.lineno + 1
            if count > LIMIT:
                message = f"{node.name} has {count} lines; a function has at most {LIMIT}"
                yield Finding(tree.name(path), node.lineno, message)
