"""A foreign key into another package is an id: no code follows it by attribute, lookup or join, there or back."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tools.check.finding import Finding
from tools.check.tree import Tree

KEYS = frozenset({"ForeignKey", "OneToOneField", "ManyToManyField"})
JOINS = frozenset({"select_related", "prefetch_related", "values", "values_list", "order_by", "only", "defer", "F"})


def check(tree: Tree) -> Iterator[Finding]:
    """Find keys that can be followed back, and code of the package that follows one."""
    for folder in tree.packages():
        keys = [key for path in _modules(tree, folder) for key in _foreign_keys(tree.syntax(path), folder.name)]
        for path in _modules(tree, folder):
            yield from _two_way_keys(tree, path, folder.name)
            yield from _followed(tree, path, {name for name, _ in keys})


def _modules(tree: Tree, folder: Path) -> list[Path]:
    """Only models and stores hold rows of tables; all else sees types."""
    inside = tree.files(".py", under=tree.name(folder))
    return [path for path in inside if path.relative_to(folder).parts[0].split(".")[0] in {"models", "store"}]


def _foreign_keys(module: ast.Module, package: str) -> Iterator[tuple[str, ast.Call]]:
    """Give the name and declaration of each key into another package's table."""
    for node in ast.walk(module):
        if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        call = node.value
        if isinstance(target, ast.Name) and _last_name(call.func) in KEYS and _leaves(call, package):
            yield target.id, call


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _leaves(call: ast.Call, package: str) -> bool:
    """Tell whether a key names a table of another package: "places.Area", or the settings' user."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "to"]
    target = next(iter([*call.args, *named]), None)
    if isinstance(target, ast.Constant) and isinstance(target.value, str):
        app, dot, _ = target.value.partition(".")
        return bool(dot) and app != package
    return isinstance(target, ast.Attribute) and target.attr == "AUTH_USER_MODEL" and package != "accounts"


def _two_way_keys(tree: Tree, path: Path, package: str) -> Iterator[Finding]:
    for name, call in _foreign_keys(tree.syntax(path), package):
        related = {keyword.arg: keyword.value for keyword in call.keywords}.get("related_name")
        if not (isinstance(related, ast.Constant) and related.value == "+"):
            message = f'{name} leads into another package and back: give it related_name="+"'
            yield Finding(tree.name(path), call.lineno, message)


def _followed(tree: Tree, path: Path, keys: set[str]) -> Iterator[Finding]:
    for node in ast.walk(tree.syntax(path)):
        name = _followed_key(node, keys)
        if name and isinstance(node, ast.expr | ast.keyword):
            message = f"{name} is followed into another package's table; ask that package's service by {name}_id"
            yield Finding(tree.name(path), node.lineno, message)


def _followed_key(node: ast.AST, keys: set[str]) -> str:
    """Name the key that `row.key.field`, `filter(key__field=…)` or `select_related("key")` follows."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute) and node.value.attr in keys:
        return node.value.attr
    if isinstance(node, ast.keyword) and node.arg and "__" in node.arg and node.arg.split("__")[0] in keys:
        return node.arg.split("__")[0]
    if isinstance(node, ast.Call) and _last_name(node.func) in JOINS:
        return next((name for name in _joined(node) if name in keys), "")
    return ""


def _joined(call: ast.Call) -> Iterator[str]:
    """Give the keys a query's method goes through; a plain `values("key")` stays at the id."""
    follows_alone = _last_name(call.func) in {"select_related", "prefetch_related"}
    for argument in call.args:
        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
            first, through, _ = argument.value.lstrip("-").partition("__")
            if through or follows_alone:
                yield first
