"""The door to what energy is compared with and paid by: baselines and tariffs, entered by the city."""

from typing import Final

import msgspec
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import validity
from dothi.domains.lighting.types.energy import Baseline, Tariff

VIEW: Final = "lighting.energy.view"
EDIT: Final = "lighting.energy.edit"


def list_tariffs(actor: Actor) -> list[Tariff]:
    """List what a kilowatt-hour cost and costs. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    return store.list_tariffs()


def add_tariff(actor: Actor, tariff: Tariff) -> Tariff:
    """Keep a new tariff; its id is given by the record. Audited.

    Raises Unauthenticated or Forbidden, InvalidInput with the place that is wrong.
    """
    accounts.require(actor, EDIT)
    sound = validity.check_tariff(tariff)
    with transaction.atomic():
        kept = store.insert_tariff(sound)
        audit.record(actor.reference, EDIT, subject=f"lighting.tariff:{kept.id}", after=msgspec.to_builtins(kept))
    return kept


def list_baselines(actor: Actor) -> list[Baseline]:
    """List what lamps drew before the saving measures. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    return store.list_baselines()


def add_baseline(actor: Actor, baseline: Baseline) -> Baseline:
    """Keep a new baseline; its id is given by the record. Audited.

    Raises Unauthenticated or Forbidden, InvalidInput with the place that is wrong.
    """
    accounts.require(actor, EDIT)
    sound = validity.check_baseline(baseline)
    with transaction.atomic():
        kept = store.insert_baseline(sound)
        audit.record(actor.reference, EDIT, subject=f"lighting.baseline:{kept.id}", after=msgspec.to_builtins(kept))
    return kept
