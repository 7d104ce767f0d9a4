"""The door to what energy is compared with and paid by: baselines and tariffs, entered by the city."""

from typing import Final

import msgspec
import numpy as np
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations.series import service as series
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import validity
from dothi.domains.lighting.service import schedules
from dothi.domains.lighting.service.lamps import LAMPS
from dothi.domains.lighting.types.energy import Baseline, Fleet, LampPower, Tariff

VIEW: Final = "lighting.energy.view"
EDIT: Final = "lighting.energy.edit"


def fleet(actor: Actor) -> Fleet:
    """Give the lamps an actor may see as arrays, with their rated power. Two queries.

    A lamp without a known cabinet, street or rated power is left out: nothing could be expected of it. Standby power
    isn't registered, and taken for nothing. Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    cabinets = schedules.list_cabinets(actor)
    at = {cabinet.serial: index for index, cabinet in enumerate(cabinets)}
    streets: dict[tuple[str, str], int] = {}
    rows: list[tuple[float, ...]] = []
    marks: list[tuple[bool, bool]] = []
    for lamp in series.list_streams(actor, kind=LAMPS.kind):
        street, cabinet = lamp.properties.get("street"), at.get(str(lamp.properties.get("cabinet", "")))
        rated_w = lamp.properties.get("rated_power_w")
        if not (isinstance(street, str) and street and cabinet is not None and isinstance(rated_w, int | float)):
            continue
        name = str(lamp.properties.get("street_name") or street)
        place = streets.setdefault((street, name), len(streets))
        rows.append((lamp.id, place, cabinet, rated_w, lamp.streams.get("energy", 0), lamp.streams.get("power", 0)))
        marks.append((lamp.properties.get("simulated") is True, lamp.is_public))
    columns = np.array(rows, dtype=float).reshape(-1, 6).T
    whole = columns.astype(np.int64)
    return Fleet(
        ids=whole[0],
        street=whole[1].astype(np.intp),
        cabinet=whole[2].astype(np.intp),
        power=LampPower(rated_w=columns[3], standby_w=np.zeros(len(rows))),
        streets=tuple(streets),
        cabinets=tuple(cabinets),
        simulated=any(simulated for simulated, _public in marks),
        energy_stream=whole[4],
        power_stream=whole[5],
        is_public=all(public for _simulated, public in marks),
    )


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
