"""The parts that packages add to pages of others: found by their manifests, so that neither knows of the other."""

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html, format_html_join
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
    found = load_manifests() if manifests is None else manifests
    shown = [(each, panel) for each in found for panel in each.panels if panel.place == place]
    parts = [_draw(each, panel, actor, subject, request) for each, panel in shown if actor.may(panel.permission)]
    return format_html_join("", "{}", ((part,) for part in parts))


def left_out(actor: Actor, place: str, *, language: str, manifests: tuple[Manifest, ...] | None = None) -> list[str]:
    """Name the panels of a place that an actor may not see, of those that have a name."""
    found = load_manifests() if manifests is None else manifests
    return [
        panel.names.of(language)
        for each in found
        for panel in each.panels
        if panel.place == place and panel.names is not None and not actor.may(panel.permission)
    ]


def _draw(manifest: Manifest, panel: Panel, actor: Actor, subject: object, request: HttpRequest | None) -> SafeString:
    context = describer_of(manifest, panel)(actor, subject)
    if context is None:
        return format_html("{}", "")
    return render_to_string(panel.template, {**context, "subject": subject}, request)


def describer_of(manifest: Manifest, panel: Panel) -> Describe:
    """Give the function that a panel names. Raises ValueError where the package's `views` don't have it."""
    found: Describe | None = getattr(import_module(f"{manifest.package}.views"), panel.context, None)
    if found is None:
        raise ValueError(f"{manifest.package}.views has no {panel.context!r}, which a panel for {panel.place!r} names")
    return found
