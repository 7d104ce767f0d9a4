"""One search over all that has a name: each package finds its own, and only what the asker may see."""

from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from typing import Final

import msgspec

from dothi.core.accounts.types import Actor
from dothi.kernel.manifest import Finder, Manifest, load_manifests
from dothi.kernel.search import Asked, Fit, Hit, Spelling, rank

OFFERED: Final = 8
"""How many answers the box offers while somebody types."""
SHOWN: Final = 100
"""How many answers the page shows at most."""

Find = Callable[[Actor, Asked], Sequence[Hit]]


class Found(msgspec.Struct, frozen=True):
    """One answer with what it is: `kind` in the reader's language, and a symbol for it."""

    hit: Hit
    kind: str
    icon: str


def search(actor: Actor, asked: Asked, *, language: str, manifests: tuple[Manifest, ...] | None = None) -> list[Found]:
    """Find whatever is called so and is for an actor's eyes, the best first; nothing for a text without letters.

    What is only spelt alike is looked for where nothing else is found: most searches end before that.
    """
    if not asked.folded:
        return []
    known = load_manifests() if manifests is None else manifests
    for spelling in (Spelling.AS_TYPED, Spelling.ALIKE):
        found = list(_ask_all(actor, msgspec.structs.replace(asked, spelling=spelling), language, known))
        if found:
            return _ranked(asked, found)
    return []


def _ask_all(actor: Actor, asked: Asked, language: str, manifests: tuple[Manifest, ...]) -> Iterator[Found]:
    for manifest in manifests:
        for finder in manifest.finders:
            if actor.may(finder.permission):
                for hit in finder_of(manifest, finder)(actor, asked):
                    yield Found(hit, finder.names.of(language), finder.icon or manifest.icon)


def _ranked(asked: Asked, found: list[Found]) -> list[Found]:
    ranked = sorted(((rank(asked, each.hit), each) for each in found), key=lambda pair: pair[0])
    if ranked and ranked[0][0][0] < Fit.SIMILAR:
        ranked = [pair for pair in ranked if pair[0][0] < Fit.SIMILAR or _has_all_words(asked, pair[1].hit)]
    return [each for _, each in ranked[: asked.limit]]


def _has_all_words(asked: Asked, hit: Hit) -> bool:
    """Tell whether a name holds all words that were typed, in whatever order."""
    folded = msgspec.structs.replace(
        asked, text=" ".join([hit.name, *hit.other_names, *(each.name for each in hit.members)])
    ).folded
    return all(word in folded for word in asked.folded.split())


def finder_of(manifest: Manifest, finder: Finder) -> Find:
    """Give the function that a finder names. Raises ValueError where the package's `views` don't have it."""
    found: Find | None = getattr(import_module(f"{manifest.package}.views"), finder.find, None)
    if found is None:
        raise ValueError(f"{manifest.package}.views has no {finder.find!r}, which a finder names")
    return found
