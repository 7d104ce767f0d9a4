"""What light takes: expected energy, savings against a baseline, availability, and the indicators of EN 13201-5."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from statistics import median

import numpy as np

from dothi.domains.lighting.rules import schedule
from dothi.domains.lighting.types.energy import Baseline, LampPower, Outage, Saving, Tariff
from dothi.domains.lighting.types.schedule import Cabinet, Floats, Programme, Scope


def power_at(level: Floats, power: LampPower) -> Floats:
    """Give what lamps draw in watts; `level` in percent is `[steps]`, the answer `[lamps, steps]`."""
    share = power.fixed_share + (1.0 - power.fixed_share) * level / 100.0
    lit = np.maximum(power.rated_w[:, None] * share[None, :], power.standby_w[:, None])
    return np.asarray(np.where(level[None, :] > 0, lit, power.standby_w[:, None]))


def expected_kwh(programme: Programme, day: date, lat: Floats, lon: Floats, power: LampPower) -> Floats:
    """Give the energy that lamps `[lamps]` should use from noon to noon: the sum of power times hours at each level.

    At level 0 and by day they draw their standby power.
    """
    level, hours = schedule.level_hours(programme, day, lat, lon)
    begin, end = schedule.night_span(day, programme.zone)
    return _kwh(hours, level, power, (end - begin) / 3600.0)


def _kwh(hours: Floats, level: Floats, power: LampPower, length_h: float) -> Floats:
    """Give energy `[lamps]` from hours at each level `[lamps, steps]`, and standby for the rest of the night's day."""
    off_h = length_h - hours.sum(axis=1)
    return np.asarray(((hours * power_at(level, power)).sum(axis=1) + off_h * power.standby_w) / 1000.0)


def scheduled_hours(programme: Programme, day: date, lat: Floats, lon: Floats) -> Floats:
    """Give the hours for which lamps `[lamps]` should give light in a night, dimmed or not."""
    level, hours = schedule.level_hours(programme, day, lat, lon)
    return np.asarray(hours[:, level > 0].sum(axis=1))


def adjusted_saving(used_kwh: float, *, baseline_w: Floats, scheduled_h: Floats) -> Saving:
    """Compare energy with what lamps `[lamps]` of the baseline's power would have used in the same scheduled hours.

    So IPMVP wants it (EVO, Core Concepts): a baseline adjusted to the reporting period's own conditions.
    """
    return Saving(used_kwh=used_kwh, baseline_kwh=float((baseline_w * scheduled_h).sum()) / 1000.0)


def availability(*, failed_h: float, scheduled_h: float) -> float | None:
    """Give 1 − failed lamp-hours / scheduled lamp-hours; None where none were scheduled."""
    return 1.0 - failed_h / scheduled_h if scheduled_h > 0 else None


def communication_success(*, received: int, expected: int) -> float | None:
    """Give the share of expected messages that came, at most 1: what is doubled counts once. None of none."""
    return min(1.0, received / expected) if expected > 0 else None


def time_to_repair(outages: Sequence[Outage]) -> timedelta | None:
    """Give the median time from an alarm's raise to its clearing, of those that are cleared; None without any."""
    spans = [(each.cleared_at - each.raised_at).total_seconds() for each in outages if each.cleared_at is not None]
    return timedelta(seconds=median(spans)) if spans else None


def power_density(system_w: float, *, lux: Sequence[float], areas_m2: Sequence[float]) -> float:
    """Give D_P in W/(lx·m²), EN 13201-5:2015, 4: the system's power over the sum of illuminance times area.

    `lux` holds the calculated mean maintained horizontal illuminance of each sub-area. Raises ValueError without light.
    """
    lumen = sum(each * area for each, area in zip(lux, areas_m2, strict=True))
    if lumen <= 0:
        raise ValueError("the power density indicator needs an illuminated area")
    return system_w / lumen


def energy_consumption_indicator(powers_w: Sequence[float], hours: Sequence[float], *, area_m2: float) -> float:
    """Give D_E in Wh/m², EN 13201-5:2015, 5: the powers of a year's operating periods times their hours, over the area.

    Raises ValueError without an area.
    """
    if area_m2 <= 0:
        raise ValueError("the annual energy consumption indicator needs an area")
    return sum(power * time_h for power, time_h in zip(powers_w, hours, strict=True)) / area_m2


def find_tariff(tariffs: Sequence[Tariff], day: date) -> Tariff | None:
    """Give the tariff of a date, of several the one that began last; None where the city has entered none."""
    valid = [each for each in tariffs if _is_valid(each, day)]
    return max(valid, key=lambda each: (each.valid_from, each.id), default=None)


def find_baseline(baselines: Sequence[Baseline], cabinet: Cabinet, day: date) -> Baseline | None:
    """Give the baseline for a cabinet's lamps at a date: the narrowest scope, then the one that began last."""
    own = {
        Scope.CABINET: cabinet.serial,
        Scope.STREET: cabinet.street,
        Scope.PROGRAMME: cabinet.programme,
        Scope.CITY: "",
    }
    order = list(own)
    valid = [each for each in baselines if own[each.scope] == each.key and _is_valid(each, day)]
    return max(valid, key=lambda each: (-order.index(each.scope), each.valid_from, each.id), default=None)


def cost(used_kwh: Sequence[tuple[date, float]], tariffs: Sequence[Tariff]) -> Decimal | None:
    """Give what the energy of dates costs, each at its date's price; None if a date has no tariff."""
    total = Decimal(0)
    for day, kwh in used_kwh:
        tariff = find_tariff(tariffs, day)
        if tariff is None:
            return None
        total += tariff.price_per_kwh * Decimal(repr(kwh))
    return total


def _is_valid(row: Tariff | Baseline, day: date) -> bool:
    return row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
