"""Brings the Vietnamese catalogues up to date with code and templates: `python -m tools.messages`."""

from pathlib import Path

import polib

from tools.check.messages import CATALOGUE, extract
from tools.check.tree import Tree

HEAD = {
    "Project-Id-Version": "Dothi",
    "Language": "vi",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def main() -> None:
    """Add strings that are new, untranslated, and take out those that are gone; says what is left to translate."""
    top = Path.cwd() / "src" / "dothi"
    for package, found in extract(Tree(Path.cwd())).items():
        path = top / package / CATALOGUE
        kept = {(entry.msgctxt, entry.msgid): entry for entry in polib.pofile(str(path))} if path.exists() else {}
        catalogue = polib.POFile(wrapwidth=0)
        catalogue.metadata = HEAD
        for entry in found:
            old = kept.get((entry.msgctxt, entry.msgid))
            entry.occurrences = []
            catalogue.append(old if old and not old.obsolete else entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue.save(str(path))
        left = [entry.msgid for entry in catalogue if not entry.translated()]
        print(f"{package}: {len(catalogue)} strings, {len(left)} to translate", *left, sep="\n  ")


if __name__ == "__main__":
    main()
