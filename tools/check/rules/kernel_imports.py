"""The kernel imports the standard library, msgspec, shapely and itself, and nothing else."""

import ast
import sys
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, is_test

ALLOWED = frozenset({*sys.stdlib_module_names, "msgspec", "shapely"})
KERNEL = "dothi.kernel"


def check(tree: Tree) -> Iterator[Finding]:
    """Find imports of anything else."""
    for path in tree.files(".py", under="src/dothi/kernel"):
        if is_test(path):
            continue
        for node in ast.walk(tree.syntax(path)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                foreign = [name for name in imported_names(node) if not _is_allowed(name)]
                yield from (Finding(tree.name(path), node.lineno, f"the kernel imports {name}") for name in foreign)


def imported_names(node: ast.Import | ast.ImportFrom) -> list[str]:
    """Give the modules that a statement imports; a relative import stays in its package and gives none."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if node.module and node.level == 0 else []


def _is_allowed(name: str) -> bool:
    return name.split(".")[0] in ALLOWED or f"{name}.".startswith(f"{KERNEL}.")
