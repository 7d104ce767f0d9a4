"""The project as the rules see it: its files, their text and their syntax, each read once."""

import ast
import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

SKIPPED_NAMES = frozenset({"__pycache__", "node_modules"})
SKIPPED_PATHS = frozenset({"build", "dist", "docs/domains", "site", "src/dothi/web/static/build", "tests/e2e/shots"})
PACKAGE_GROUPS = ("core", "domains")


class Tree:
    """All files of a project that people write; generated and hidden folders are left out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._texts: dict[Path, str] = {}
        self._syntax: dict[Path, ast.Module] = {}

    @cached_property
    def _files(self) -> tuple[Path, ...]:
        return tuple(sorted(self._walk()))

    def _walk(self) -> Iterator[Path]:
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if self._is_written_by_people(Path(folder, name))]
            yield from (Path(folder, name) for name in names if not name.endswith(".pyc"))

    def _is_written_by_people(self, folder: Path) -> bool:
        hidden = folder.name.startswith(".") and folder.name != ".ci"
        made = folder.name in SKIPPED_NAMES or self.name(folder) in SKIPPED_PATHS
        return not (hidden or made or folder.name.endswith(".egg-info"))

    def files(self, *suffixes: str, under: str = "") -> list[Path]:
        """List files by the end of their name, in a folder of the root."""
        top = self.root / under
        return [path for path in self._files if path.name.endswith(suffixes or ("",)) and path.is_relative_to(top)]

    def name(self, path: Path) -> str:
        """Name a file relative to the root."""
        return path.relative_to(self.root).as_posix()

    def text(self, path: Path) -> str:
        """Read a file once."""
        if path not in self._texts:
            self._texts[path] = path.read_text("utf-8")
        return self._texts[path]

    def syntax(self, path: Path) -> ast.Module:
        """Parse a Python file once. Raises SyntaxError."""
        if path not in self._syntax:
            self._syntax[path] = ast.parse(self.text(path), self.name(path))
        return self._syntax[path]

    def packages(self) -> list[Path]:
        """List the folders of core and domains that hold Python or a manifest."""
        groups = [self.root / "src" / "dothi" / group for group in PACKAGE_GROUPS]
        folders = {path.parent for path in self._files if path.parent.parent in groups}
        return sorted(folders)


def is_test(path: Path) -> bool:
    """Tell whether a file belongs to the tests, a package's own or the project's."""
    return "tests" in path.parts


def line_of(text: str, offset: int) -> int:
    """Give the line, from 1, on which a character stands."""
    return text.count("\n", 0, offset) + 1
