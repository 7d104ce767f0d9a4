"""Navigation, the map's configuration and the built files, as whoever asks may see them."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import Client

from dothi.core.accounts.types import Actor
from dothi.kernel.manifest import Layer, LayerState, Manifest, Names, Page
from dothi.web import build, navigation, operations

STREET = Manifest(
    id="streets",
    names=Names(vi="Đường phố", en="Streets"),
    owner=Names(vi="Sở Xây dựng", en="Department of Construction"),
    icon="road",
    pages=(
        Page(path="streets/", names=Names(vi="Đường phố", en="Streets"), permission="streets.page.view"),
        Page(path="streets/works/", names=Names(vi="Công trình", en="Works"), permission="streets.works.view"),
    ),
    layers=(
        Layer(
            id="streets.signs",
            names=Names(vi="Biển báo", en="Signs"),
            kind="Sign",
            describe="describe_sign",
            late_after_s=60,
            permission="streets.page.view",
            headline="lit",
            states=(LayerState(id="lit", names=Names(vi="đang sáng", en="lit")),),
        ),
    ),
)


def actor(*permissions: str) -> Actor:
    return Actor(kind="user", reference="user:1", permissions=frozenset(permissions))


def test_navigation_shows_what_one_may_open_in_ones_language() -> None:
    items = navigation.items_for(actor("streets.page.view"), language="vi", path="/streets/3/", manifests=(STREET,))
    assert [(item.path, item.name, item.is_current) for item in items] == [("/streets/", "Đường phố", True)]


def test_navigation_is_empty_for_whoever_may_nothing() -> None:
    assert navigation.items_for(actor(), language="en", path="/", manifests=(STREET,)) == []


def test_the_map_is_told_of_permitted_layers_alone() -> None:
    told = operations.page_config(actor("streets.page.view"), settings.CITY, language="en", manifests=(STREET,))
    untold = operations.page_config(actor("streets.works.view"), settings.CITY, language="en", manifests=(STREET,))
    assert json.loads(json.dumps(told["layers"])) == [
        {
            "id": "streets.signs",
            "domain": "streets",
            "domain_name": "Streets",
            "name": "Signs",
            "icon": "road",
            "late_after_s": 60.0,
            "headline": "lit",
            "states": {"lit": {"name": "lit", "symbol": "filled"}},
            "page": "/streets/",
            "page_name": "Streets",
        }
    ]
    assert untold["layers"] == []


def test_an_islands_configuration_survives_the_page() -> None:
    config = {"name": 'Đèn "A" & <b>\'', "n": 1}
    text = Template("{% load dothi %}{% island 'map' config %}").render(Context({"config": config}))
    assert "<b>" not in text
    assert 'data-island="map"' in text
    assert "&lt;b&gt;" in text


def test_built_files_come_from_the_builds_manifest(tmp_path: Path) -> None:
    entries = {build.ENTRY: {"file": "assets/main-1.js", "css": ["assets/main-1.css"]}, build.SPRITE: {"file": "a.svg"}}
    (tmp_path / "manifest.json").write_text(json.dumps(entries), "utf-8")
    built = build.current(tmp_path)
    assert built == build.Build(script="assets/main-1.js", styles=("assets/main-1.css",), sprite="a.svg")


def test_without_a_build_pages_still_render(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "current", build.Build)
    assert "not built" in Template("{% load dothi %}{% vite %}").render(Context())


def test_ages_say_the_moment_for_whoever_has_no_script() -> None:
    moments = Context({"at": datetime(2026, 6, 21, 5, tzinfo=UTC), "none": None})
    text = Template("{% load dothi %}{{ at|age }}{{ none|age }}").render(moments)
    assert 'data-at="2026-06-21T05:00:00+00:00"' in text
    assert ">12:00:00</time>" in text
    assert text.count("<time") == 1


@pytest.mark.django_db
def test_the_base_map_is_sent_as_geojson() -> None:
    answer = Client().get("/map/base.geojson")
    assert answer["Content-Type"] == "application/geo+json"
    assert json.loads(answer.content)["type"] == "FeatureCollection"


def test_a_page_preloads_what_its_modules_are_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {
        build.ENTRY: {"file": "main.js"},
        "_words.js": {"file": "words.js"},
        "_clock.js": {"file": "clock.js", "imports": ["_words.js", build.ENTRY]},
        "frontend/src/islands/map.ts": {
            "file": "map.js",
            "imports": ["_clock.js", "_words.js"],
            "isDynamicEntry": True,
        },
        "frontend/src/map/view.ts": {
            "file": "view.js",
            "imports": ["_words.js"],
            "css": ["view.css"],
            "isDynamicEntry": True,
        },
    }
    (tmp_path / "manifest.json").write_text(json.dumps(entries), "utf-8")
    built = build.current(tmp_path)
    assert built.modules == {
        "islands/map": ("words.js", "clock.js", "map.js"),
        "map/view": ("words.js", "view.css", "view.js"),
    }
    monkeypatch.setattr(build, "current", lambda: built)
    drawn = Template('{% load dothi %}{% preload "islands/map" "map/view" "no/such" %}').render(Context())
    address = 'href="/static/build/([a-z.]+)"'
    assert re.findall(f'rel="modulepreload" {address}', drawn) == ["words.js", "clock.js", "map.js", "view.js"]
    assert re.findall(f'rel="preload" as="style" crossorigin {address}', drawn) == ["view.css"]
