"""What the demo pays for energy and compares it with: a price and a power that nobody decided, and that say so."""

from collections.abc import Callable
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dothi.core.accounts.types import Actor
from dothi.domains.lighting.service import energy
from dothi.domains.lighting.types.energy import Baseline, Fleet, Tariff
from dothi.domains.lighting.types.schedule import Scope
from dothi.kernel import clock

PRICES: Final = {"VN": (Decimal(2000), "VND")}
"""Of a kilowatt-hour, in round figures, by the city's country."""
PRICE: Final = (Decimal("0.25"), "EUR")
"""Anywhere else."""
BEFORE: Final = 1.8
"""How much more than the LED in its place a sodium lamp of the same light draws, roughly."""
ROUND_W: Final = 10


def begin(actor: Actor, fleet: Fleet) -> None:
    """Enter a tariff and a baseline where simulated lamps have none; their basis says that they are simulated.

    Both hold from the year before this one on. Whatever a city of real lamps lacks is its own to enter: nothing is
    done for it. Raises Unauthenticated or Forbidden.
    """
    if not fleet.simulated or energy.list_tariffs(actor) or energy.list_baselines(actor):
        return
    since = timezone.localdate(clock.now()).replace(month=1, day=1)
    since = since.replace(year=since.year - 1)
    price, currency = PRICES.get(settings.CITY.country or "", PRICE)
    power_w = round(BEFORE * float(fleet.power.rated_w.mean()) / ROUND_W) * ROUND_W
    basis = _in_all_languages(lambda: _("Simulated for the demo; no price that anybody decided"))
    energy.add_tariff(actor, Tariff(0, price, currency, basis, since))
    basis = _in_all_languages(lambda: _("Simulated for the demo: sodium lamps before LEDs took their place"))
    energy.add_baseline(actor, Baseline(0, Scope.CITY, "", float(power_w), basis, since))


def _in_all_languages(say: Callable[[], str]) -> str:
    """Give a text in each of the city's languages: what is kept is read in all of them."""
    said = []
    for language in settings.CITY.languages:
        with translation.override(language):
            said.append(say())
    return " / ".join(said)
