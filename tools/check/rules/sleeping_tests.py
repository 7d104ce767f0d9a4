"""A test waits on a condition with a bound: it sleeps only between two looks, inside a loop."""

import ast
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, is_test

SLEEPS = frozenset({"time.sleep", "asyncio.sleep", "anyio.sleep", "trio.sleep", "page.wait_for_timeout"})
LOOPS = (ast.While, ast.For, ast.AsyncFor)


def check(tree: Tree) -> Iterator[Finding]:
    """Find sleeps outside a loop; `sleep(0)` only lets others run and is none."""
    for path in tree.files(".py"):
        for line in _outside_loops(tree.syntax(path)) if is_test(path) else ():
            yield Finding(tree.name(path), line, "wait on a condition with a bound")


def _outside_loops(node: ast.AST) -> Iterator[int]:
    if isinstance(node, LOOPS):
        return
    if isinstance(node, ast.Call) and ast.unparse(node.func) in SLEEPS and not _is_zero(node):
        yield node.lineno
    for child in ast.iter_child_nodes(node):
        yield from _outside_loops(child)


def _is_zero(call: ast.Call) -> bool:
    return bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value == 0
