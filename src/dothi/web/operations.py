"""What the operations screen is told: the city, and what whoever asks may see and do."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.urls import Resolver404, resolve, reverse

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.places import service as places
from dothi.core.places.types import COMMUNE
from dothi.kernel import clock
from dothi.kernel.city import City
from dothi.kernel.manifest import AlarmRule, Layer, Manifest, load_manifests
from dothi.web import guard
from dothi.web.timeline import lines_for, may_see_alarms

DISPATCH: Final = "/work-orders/new"
"""Where a work order is made from an alarm, `?alarm=ID`; offered where that page exists and lets whoever asks in."""
SHELVE_MINUTES: Final = (15, 60, 240, 480, 1440, 4320)
"""For how long the pages of alarms let one be shelved."""


def page_config(
    actor: Actor, city: City, *, language: str, manifests: tuple[Manifest, ...] | None = None
) -> dict[str, object]:
    """Give the screen's configuration; times are ISO 8601, places WGS 84 degrees."""
    found = load_manifests() if manifests is None else manifests
    return {
        "lang": language,
        "zone": city.zone,
        "city": {
            "name": city.names.of(language),
            "center": city.center,
            "bounds": city.bounds,
            "zoom": city.zoom,
        },
        "layers": [
            _layer(manifest, layer, actor, language)
            for manifest in found
            for layer in manifest.layers
            if actor.may(layer.permission)
        ],
        "alarms": _alarms(found, actor, language) if may_see_alarms(actor) else None,
        "actions": list(_actions(found, actor, language)),
        "timeline": [
            {"id": line.id, "name": line.names.of(language), "unit": line.unit, "form": line.form}
            for line in lines_for(actor, found)
        ],
        "events_url": "/live/events",
        "past_url": "/live/past",
        "timeline_url": "/operations/timeline.json",
        "base_url": "/map/base.geojson",
        "areas": {},
        "departments": {},
    }


def scope_names(actor: Actor, *, language: str) -> dict[str, object]:
    """Give the names of what the screen can be narrowed to: the areas of today, and the tree of departments.

    Two small queries; what the actor may not know of is left out.
    """
    areas = places.list_areas(actor, level=COMMUNE) if actor.may(places.VIEW) else []
    tree = accounts.list_tree() if actor.kind == "user" else []
    return {
        "areas": {area.code: area.full_name(language) for area in areas},
        "departments": {each.code: {"name": each.name_in(language), "path": each.path} for each in tree},
        "dossier_url": reverse("places:dossier") if actor.may(places.VIEW) else None,
    }


def clock_config(city: City, *, language: str) -> dict[str, object]:
    """Give the clock island's configuration: the city's time now and how fast it runs."""
    installed = clock.installed()
    return {
        "lang": language,
        "zone": city.zone,
        "city_time": installed.now().isoformat(),
        "speed": installed.speed,
    }


def _layer(manifest: Manifest, layer: Layer, actor: Actor, language: str) -> dict[str, object]:
    page = next((page for page in manifest.pages if page.path and actor.may(page.permission)), None)
    return {
        "id": layer.id,
        "domain": manifest.id,
        "domain_name": manifest.names.of(language),
        "name": layer.names.of(language),
        "icon": manifest.icon,
        "late_after_s": layer.late_after_s,
        "headline": layer.headline,
        "states": {state.id: {"name": state.names.of(language), "symbol": state.symbol} for state in layer.states},
        "page": f"/{page.path}" if page else None,
        "page_name": page.names.of(language) if page else None,
    }


def _alarms(manifests: Iterable[Manifest], actor: Actor, language: str) -> dict[str, object]:
    """Say what each rule of alarms is called and proposes, and what the actor may do with an alarm."""
    return {
        "rules": {rule.id: _rule(manifest, rule, language) for manifest in manifests for rule in manifest.alarm_rules},
        "may_acknowledge": actor.may(alarms.ACKNOWLEDGE),
        "may_shelve": actor.may(alarms.SHELVE),
        "shelve_minutes": SHELVE_MINUTES,
        "dispatch": DISPATCH if may_open(actor, DISPATCH) or may_open(actor, f"{DISPATCH}/") else None,
        "page": "/alarms/",
    }


def _rule(manifest: Manifest, rule: AlarmRule, language: str) -> Mapping[str, Any]:
    return {
        "name": rule.names.of(language),
        "domain": manifest.id,
        "owner": manifest.owner.of(language),
        "procedure": [step.of(language) for step in rule.procedure],
        "details": {each.id: {"name": each.names.of(language), "unit": each.unit} for each in rule.details},
        "has_chart": rule.chart is not None,
    }


def _actions(manifests: Iterable[Manifest], actor: Actor, language: str) -> Iterable[dict[str, str]]:
    for manifest in manifests:
        for action in manifest.actions:
            if actor.may(action.permission):
                yield {
                    "kind": action.kind,
                    "path": f"/{action.path}",
                    "name": action.names.of(language),
                    "icon": action.icon,
                }


def may_open(actor: Actor, path: str) -> bool:
    """Tell whether there is a page at an address that lets an actor in."""
    try:
        view = resolve(path).func
    except Resolver404:
        return False
    permission = guard.permission_of(view)
    return permission is not None and (permission == guard.PUBLIC or actor.may(permission))
