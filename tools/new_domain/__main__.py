"""Makes a new domain: `python -m tools.new_domain waste [--vi "Rác thải"] [--en Waste] [--kind WasteBin]`."""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

from tools.new_domain.names import Domain, describe, find_fault

TEMPLATE = Path(__file__).parent / "template"
ENDING = ".tmpl"
ROOT = Path.cwd()


def main() -> int:
    """Write the domain's folder. Returns 2, with one line, for a name that can't be taken."""
    parser = argparse.ArgumentParser(prog="tools.new_domain", description=__doc__)
    parser.add_argument("slug", metavar="NAME", help="the domain's one word: folder, address and prefix of its ids")
    parser.add_argument("--vi", default="", help="what people call it in Vietnamese")
    parser.add_argument("--en", default="", help="what people call it in English; the word itself if not given")
    parser.add_argument("--kind", default="", help="the properties.kind of its Things; the word itself if not given")
    options = parser.parse_args()
    fault = find_fault(options.slug, root=ROOT)
    try:
        domain = describe(options.slug, kind=options.kind, vi=options.vi, en=options.en)
    except ValueError as error:
        fault = fault or str(error)
    if fault:
        print(f"new-domain: {fault}", file=sys.stderr)
        return 2
    folder = ROOT / "src" / "dothi" / "domains" / domain.slug
    for path, text in files_of(domain):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")
    print(_next_steps(domain, folder.relative_to(ROOT)))
    return 0


def files_of(domain: Domain) -> Iterator[tuple[Path, str]]:
    """Give each file of a domain: its path in the domain's folder, and its text."""
    for path in sorted(TEMPLATE.rglob(f"*{ENDING}")):
        place = path.relative_to(TEMPLATE).as_posix().removesuffix(ENDING).replace("SLUG", domain.slug)
        yield Path(place), Template(path.read_text("utf-8")).substitute(domain._asdict())


def _next_steps(domain: Domain, folder: Path) -> str:
    left = "" if domain.both_languages == "done" else f"\n  name it in Vietnamese in {folder}/manifest.toml"
    return (
        f"{folder} is there, with its page at /{domain.slug}/ and its layer on the map. Next:{left}\n"
        f"  name the department that answers for it, in {folder}/manifest.toml\n"
        f"  make demo, and send the first Thing of kind {domain.kind}: the page says how\n"
        "  docs/guides/new-domain.md tells how it grows; make check test"
    )


if __name__ == "__main__":
    sys.exit(main())
