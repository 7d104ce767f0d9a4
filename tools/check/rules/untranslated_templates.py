"""No text of a template stands outside {% translate %} and {% blocktranslate %}, nor do attributes that people read."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

from tools.check.finding import Finding
from tools.check.tree import Tree, is_test

READ_ATTRIBUTES = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription"})
SILENT_ELEMENTS = frozenset({"script", "style", "code", "pre", "kbd"})
VOID_ELEMENTS = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
COMMENTS = re.compile(r"{#.*?#}|{%\s*comment\b.*?%}.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"{%-?\s*block(?:trans|translate)\b.*?%}.*?{%\s*endblock(?:trans|translate)\s*%}", re.DOTALL)
IN_ATTRIBUTE = re.compile(r"""=\s*["'][^"'<>]*{%\s*block\s+(\w+)""")
BLOCK = r"{{%\s*block\s+{name}\s*%}}.*?{{%\s*endblock\b.*?%}}"
TAGS = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)
LETTERS = re.compile(r"[^\W\d_]{2,}|[^\W\d_]")
UNITS = frozenset(
    {"W", "kW", "kWh", "V", "A", "Hz", "m", "km", "mm", "cm", "s", "min", "h", "kg", "t", "dB", "lx", "C", "Dothi"}
)
"""Symbols of units are the same in every language, and so is Dothi's name."""


def check(tree: Tree) -> Iterator[Finding]:
    """Find bare text in templates; HTML's own translate="no" marks what must stay as it is."""
    templates = [path for path in tree.files(".html", under="src/dothi") if not is_test(path)]
    silent_blocks = {name for path in templates for name in IN_ATTRIBUTE.findall(tree.text(path))}
    for path in templates:
        reader = _Reader()
        reader.feed(_blank(tree.text(path), silent_blocks))
        reader.close()
        for line, text in reader.bare:
            yield Finding(tree.name(path), line, f"{text!r} is not marked for translation")


def _blank(text: str, silent_blocks: set[str]) -> str:
    """Replace what Django reads by nothing, line breaks kept so that lines still count.

    A block that stands in an attribute of the base template (a class, a theme) holds no words either.
    """
    blocks = [re.compile(BLOCK.format(name=name), re.DOTALL) for name in sorted(silent_blocks)]
    for pattern in (COMMENTS, TRANSLATED, *blocks, TAGS):
        text = pattern.sub(lambda match: "\n" * match.group().count("\n"), text)
    return text


class _Reader(HTMLParser):
    """Collects, as (line, text), what a person would read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.bare: list[tuple[int, str]] = []
        self._silent: list[tuple[str, bool]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        silent = tag in SILENT_ELEMENTS or given.get("translate") == "no" or self._is_silent()
        if tag not in VOID_ELEMENTS:
            self._silent.append((tag, silent))
        if not silent:
            for name in READ_ATTRIBUTES.intersection(given):
                self._note(given[name] or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID_ELEMENTS:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the nearest such element; a template's branches may open one twice and close it once."""
        for index in range(len(self._silent) - 1, -1, -1):
            if self._silent[index][0] == tag:
                del self._silent[index:]
                return

    def handle_data(self, data: str) -> None:
        if not self._is_silent():
            self._note(data)

    def _is_silent(self) -> bool:
        return bool(self._silent) and self._silent[-1][1]

    def _note(self, text: str) -> None:
        words = [word for word in LETTERS.findall(text) if word not in UNITS]
        if words:
            before = len(text) - len(text.lstrip())
            self.bare.append((self.getpos()[0] + text.count("\n", 0, before), " ".join(text.split())[:60]))
