"""The parts that packages add to pages of others: found by their manifests, so that neither knows of the other."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from dothi.core.accounts.types import Actor
from dothi.kernel.manifest import Manifest, Panel, load_manifests

Describe = Callable[[Actor, object], Mapping[str, Any] | None]


def draw(
    actor: Actor,
    place: str,
    subject: object,
    *,
    request: HttpRequest | None = None,
    manifests: tuple[Manifest, ...] | None = None,
) -> SafeString:
    """Draw the panels of a place that an actor may see, in the manifests' order; "" where there are none."""
    drawn = SafeString("")
    for manifest in load_manifests() if manifests is None else manifests:
        for panel in manifest.panels:
            if panel.place == place and actor.may(panel.permission):
                context = describer_of(manifest, panel)(actor, subject)
                if context is not None:
                    drawn += render_to_string(panel.template, {**context, "subject": subject}, request)
    return drawn


def describer_of(manifest: Manifest, panel: Panel) -> Describe:
    """Give the function that a panel names. Raises ValueError where the package's `views` don't have it."""
    found: Describe | None = getattr(import_module(f"{manifest.package}.views"), panel.context, None)
    if found is None:
        raise ValueError(f"{manifest.package}.views has no {panel.context!r}, which a panel for {panel.place!r} names")
    return found
