"""All pages of the reference: what they hold, whether the files agree with it, and what the code leaves unexplained."""

from pathlib import Path
from typing import Protocol

from tools.reference import commands, manifest, permissions, settings

FOLDER = Path("docs/reference")


class Page(Protocol):
    """What a module of a page offers."""

    TITLE: str
    INTRODUCTION: str

    def body(self) -> str: ...
    def faults(self) -> object: ...


PAGES = {"settings": settings, "commands": commands, "permissions": permissions, "manifest": manifest}


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


def _text(title: str, introduction: str, body: str) -> str:
    made = "<!-- Made from the code by `python -m tools.reference`: change the code, not this page. -->"
    return f"{made}\n\n# {title}\n\n{introduction}\n\n{body}"
