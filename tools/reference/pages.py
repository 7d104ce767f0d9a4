"""All pages of the reference: what they hold, whether the files agree with it, and what the code leaves unexplained."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

from dothi.kernel.manifest import load_manifests
from tools.reference import commands, manifest, permissions, settings

FOLDER = Path("docs/reference")
GATHERED = Path("docs/domains")


class Page(Protocol):
    """What a module of a page offers."""

    TITLE: str
    INTRODUCTION: str

    def body(self) -> str: ...
    def faults(self) -> Iterable[str]: ...


PAGES: dict[str, Page] = {"settings": settings, "commands": commands, "permissions": permissions, "manifest": manifest}


def texts() -> dict[Path, str]:
    """Write each page, by its path from the root."""
    return {FOLDER / f"{name}.md": _text(page.TITLE, page.INTRODUCTION, page.body()) for name, page in PAGES.items()}


def faults() -> list[str]:
    """Say what lacks its words in the code."""
    return [fault for page in PAGES.values() for fault in page.faults()]


def differences(root: Path) -> list[str]:
    """Say which pages are not what the code says now."""
    return [
        f"{path.as_posix()} is not what the code says: run `python -m tools.reference`"
        for path, text in texts().items()
        if not (root / path).exists() or (root / path).read_text("utf-8") != text
    ]


def write(root: Path) -> None:
    """Write all pages."""
    for path, text in texts().items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def gather(root: Path, *, site: Path) -> None:
    """Copy each package's own page to a folder that the site is built in, with a list of them; no copy is kept."""
    target = site / GATHERED
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    lines = ["# Services\n", "Each package explains itself on a page of its own.\n"]
    for each in load_manifests():
        page = root / "src" / Path(*each.package.split(".")) / "README.md"
        if page.exists():
            shutil.copyfile(page, target / f"{each.id}.md")
            lines.append(f"- [{each.names.en} · {each.names.vi}]({each.id}.md)")
    (target / "index.md").write_text("\n".join(lines) + "\n", "utf-8")


def _text(title: str, introduction: str, body: str) -> str:
    made = "<!-- Made from the code by `python -m tools.reference`: change the code, not this page. -->"
    return f"{made}\n\n# {title}\n\n{introduction}\n\n{body}"
