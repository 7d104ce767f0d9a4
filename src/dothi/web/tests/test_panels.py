"""Panels: what packages add to pages of others, and only to whoever may see it."""

import pytest

from dothi.core.accounts.types import Actor
from dothi.kernel.manifest import Manifest, Names, Panel, load_manifests
from dothi.web import panels

NAMES = Names(vi="Đèn", en="Lamps")


def manifest(context: str) -> Manifest:
    panel = Panel(place="alarm", template="web/404.html", context=context, permission="incidents.order.view")
    return Manifest(id="x", names=NAMES, owner=NAMES, icon="x", panels=(panel,), package="dothi.core.incidents")


def test_a_panel_is_drawn_only_for_its_place_and_for_whoever_may_see_it() -> None:
    someone = Actor("user", "user:1")
    assert panels.draw(someone, "alarm", object(), manifests=(manifest("nothing"),)) == ""
    may = Actor("user", "user:1", frozenset({"incidents.order.view"}))
    assert panels.draw(may, "work_order", object(), manifests=(manifest("nothing"),)) == ""


def test_a_panel_without_its_function_is_said_to_lack_it() -> None:
    may = Actor("user", "user:1", frozenset({"incidents.order.view"}))
    with pytest.raises(ValueError, match="has no 'nothing'"):
        panels.draw(may, "alarm", object(), manifests=(manifest("nothing"),))


@pytest.mark.parametrize(
    ("found", "panel"), [(found, panel) for found in load_manifests() for panel in found.panels], ids=str
)
def test_every_panel_of_the_manifests_has_its_function(found: Manifest, panel: Panel) -> None:
    assert callable(panels.describer_of(found, panel))
