"""What a person would read in markup: the texts between its tags, and the attributes that are read out."""

import re
from html.parser import HTMLParser

READ_ATTRIBUTES = frozenset({"alt", "title", "placeholder", "aria-label", "aria-description", "aria-roledescription"})
SILENT_ELEMENTS = frozenset({"script", "style", "code", "pre", "kbd"})
VOID_ELEMENTS = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
LETTERS = re.compile(r"[^\W\d_]{2,}|[^\W\d_]")
UNITS = frozenset(
    {"W", "kW", "kWh", "V", "A", "Hz", "m", "km", "mm", "cm", "s", "min", "h", "kg", "t", "dB", "lx", "C", "Dothi"}
)
"""Symbols of units are the same in every language, and so is Dothi's name."""


def bare_texts(markup: str) -> list[tuple[int, str]]:
    """Give, as (line from 1, text), what stands in markup to be read; HTML's translate="no" exempts an element."""
    reader = _Reader()
    reader.feed(markup)
    reader.close()
    return reader.bare


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
