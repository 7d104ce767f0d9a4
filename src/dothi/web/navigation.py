"""The navigation: the pages that the manifests name and that whoever asks may open."""

import msgspec

from dothi.core.accounts.types import Actor
from dothi.kernel.manifest import Manifest, load_manifests


class NavigationItem(msgspec.Struct, frozen=True):
    """One entry: where it leads, what it is called, its icon, and whether it is where we are."""

    path: str
    name: str
    icon: str
    is_current: bool


def items_for(
    actor: Actor, *, language: str, path: str, manifests: tuple[Manifest, ...] | None = None
) -> list[NavigationItem]:
    """List the pages an actor may open, in the manifests' order; `path` is the request's own."""
    return [
        NavigationItem(
            path=f"/{page.path}",
            name=page.names.of(language),
            icon=page.icon or manifest.icon,
            is_current=bool(page.path) and path.startswith(f"/{page.path}"),
        )
        for manifest in (load_manifests() if manifests is None else manifests)
        for page in manifest.pages
        if page.path and actor.may(page.permission)
    ]
