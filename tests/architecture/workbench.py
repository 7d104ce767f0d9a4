"""Small trees and copies of the project in which the house's tools are run for real."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).parents[2]
LINTERS: Final = ROOT / ".venv-lint" / "bin"
COPIED: Final = ("src", "tools", "simulators", "docs", "changes")
NOT_COPIED: Final = shutil.ignore_patterns("__pycache__", "*.pyc", "build", "node_modules", ".mypy_cache")
PATIENCE_S: Final = 300


class Said(NamedTuple):
    """What a tool printed, and its exit code."""

    code: int
    text: str


def run(command: Sequence[str | Path], *, root: Path, **variables: str) -> Said:
    """Run a tool in a tree, with that tree's own code before any other."""
    if not Path(command[0]).exists():
        raise FileNotFoundError(f"{command[0]} is missing; `make test` and `make check` make .venv-lint")
    path = os.pathsep.join([str(root / "src"), str(root)])
    environment = {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "NO_COLOR": "1", **variables}
    done = subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    return Said(done.returncode, done.stdout + done.stderr)


def house_rule(rule: str, *, root: Path) -> Said:
    """Run one house rule."""
    if not (root / "tools").exists():
        (root / "tools").symlink_to(ROOT / "tools")
    return run([sys.executable, "-m", "tools.check", "--only", rule], root=root)


def write(root: Path, files: dict[str, str]) -> None:
    """Write files below a folder."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def copy_project(target: Path) -> Path:
    """Copy what the tools look at; gives the copy's root."""
    for name in COPIED:
        shutil.copytree(ROOT / name, target / name, ignore=NOT_COPIED, dirs_exist_ok=True)
    for file in ("pyproject.toml", "conftest.py", "README.md"):
        shutil.copyfile(ROOT / file, target / file)
    return target
