"""The strings that gettext finds in the project's code and templates, by the package whose catalogue must hold them."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import polib

from tools.check.tree import Tree

CATALOGUE = Path("locale/vi/LC_MESSAGES/django.po")
GROUPS_OF_PACKAGES = ("core", "domains", "protocols")
LANGUAGE_SOURCES = (".py", ".html", ".txt")


def packages_with_strings(tree: Tree) -> list[Path]:
    """List the folders, relative to src/dothi, that may have a catalogue: each package, and web, config, kernel."""
    top = tree.root / "src" / "dothi"
    folders = set()
    for path in tree.files(*LANGUAGE_SOURCES, under="src/dothi"):
        parts = path.relative_to(top).parts
        depth = 2 if parts[0] in GROUPS_OF_PACKAGES and len(parts) > 2 else 1
        if len(parts) > depth and "tests" not in parts:
            folders.add(Path(*parts[:depth]))
    return sorted(folders)


def extract(tree: Tree) -> dict[Path, polib.POFile]:
    """Run Django's makemessages over a copy; gives each package's strings, by its folder relative to src/dothi.

    Raises RuntimeError with gettext's own words when a string can't be read.
    """
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        top = tree.root / "src" / "dothi"
        for path in _sources(tree):
            target = copy / path.relative_to(top)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        packages = packages_with_strings(tree)
        for package in packages:
            (copy / package / "locale").mkdir(parents=True, exist_ok=True)
        _make_messages(copy)
        made = {package: copy / package / CATALOGUE for package in packages}
        return {package: polib.pofile(str(path)) for package, path in made.items() if path.exists()}


def _sources(tree: Tree) -> Iterator[Path]:
    for path in tree.files(*LANGUAGE_SOURCES, under="src/dothi"):
        if "tests" not in path.parts and "migrations" not in path.parts:
            yield path


def _make_messages(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "-m", "django", "makemessages", "-l", "vi", "--no-wrap", "-v", "0"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.strip().splitlines()[-1])
