"""Every setting, command, permission and manifest key stands in docs/reference, which is what the code says."""

import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree

PAGES = "docs/reference"


def check(tree: Tree) -> Iterator[Finding]:
    """Ask `tools.reference` for what differs, and see each domain's permissions on its own page."""
    source = str(tree.root / "src")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([source, str(tree.root)])}
    command = [sys.executable, "-m", "tools.reference", "--check"]
    done = subprocess.run(command, cwd=tree.root, env=environment, capture_output=True, text=True, check=False)
    said = done.stdout.splitlines() or (done.stderr.splitlines()[-1:] if done.returncode else [])
    yield from (Finding(PAGES, 1, line) for line in said)
    yield from _undocumented_permissions(tree)


def _undocumented_permissions(tree: Tree) -> Iterator[Finding]:
    for folder in tree.packages():
        page = folder / "README.md"
        if folder.parent.name != "domains" or not (folder / "manifest.toml").exists() or not page.exists():
            continue
        manifest = tomllib.loads(tree.text(folder / "manifest.toml"))
        for permission in manifest.get("permissions", []):
            if f"`{permission.get('id')}`" not in tree.text(page):
                yield Finding(tree.name(page), 1, f"the permission {permission.get('id')} is not explained here")
