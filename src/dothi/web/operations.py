"""What the map page is told: the city, and the layers that whoever asks may see."""

from dothi.core.accounts.types import Actor
from dothi.kernel import clock
from dothi.kernel.city import City
from dothi.kernel.manifest import Layer, Manifest, load_manifests


def page_config(
    actor: Actor, city: City, *, language: str, manifests: tuple[Manifest, ...] | None = None
) -> dict[str, object]:
    """Give the map island's configuration; times are ISO 8601, places WGS 84 degrees."""
    layers = [
        _layer(manifest, layer, actor, language)
        for manifest in (load_manifests() if manifests is None else manifests)
        for layer in manifest.layers
        if actor.may(layer.permission)
    ]
    return {
        "lang": language,
        "zone": city.zone,
        "city": {
            "name": city.names.of(language),
            "center": city.center,
            "bounds": city.bounds,
            "zoom": city.zoom,
        },
        "layers": layers,
        "events_url": "/live/events",
        "base_url": "/map/base.geojson",
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
