"""Only `dothi.config.environment` reads environment variables."""

import ast
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree, is_test

READER = "src/dothi/config/environment.py"
NAMES = frozenset({"environ", "environb", "getenv"})


def check(tree: Tree) -> Iterator[Finding]:
    """Find other readers in the product."""
    for path in tree.files(".py", under="src/dothi"):
        if tree.name(path) == READER or is_test(path):
            continue
        for node in ast.walk(tree.syntax(path)):
            by_attribute = isinstance(node, ast.Attribute) and node.attr in NAMES and ast.unparse(node.value) == "os"
            by_import = isinstance(node, ast.ImportFrom) and node.module == "os" and _takes_one(node)
            if (by_attribute or by_import) and isinstance(node, ast.expr | ast.stmt):
                message = f"{ast.unparse(node)}: take the setting from dothi.config.environment"
                yield Finding(tree.name(path), node.lineno, message)


def _takes_one(node: ast.ImportFrom) -> bool:
    return any(alias.name in NAMES for alias in node.names)
