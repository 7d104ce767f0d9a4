"""What a schedule, an exception, a tariff or a baseline must be to be kept."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from dothi.domains.lighting.types.energy import Baseline, Tariff
from dothi.domains.lighting.types.schedule import CalendarException, Programme, Recurrence, Scope
from dothi.kernel.errors import InvalidInput

MOST_NIGHTS = 60


def read_programme(body: object) -> Programme:
    """Read a light programme as it is sent. Raises InvalidInput with the place that is wrong."""
    try:
        programme = msgspec.convert(body, Programme)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"no light programme: {error}", place="programme") from error
    return check_programme(programme)


def check_programme(programme: Programme) -> Programme:
    """Give a programme back whose steps and offsets are sound and whose zone exists. Raises InvalidInput."""
    try:
        msgspec.convert(msgspec.to_builtins(programme), Programme)
        ZoneInfo(programme.zone)
    except msgspec.ValidationError as error:
        raise InvalidInput(f"no light programme: {error}", place="programme") from error
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise InvalidInput(f"no such time zone: {programme.zone}", place="zone") from error
    times = [step.at for step in programme.steps]
    if len(set(times)) < len(times):
        raise InvalidInput("two steps have the same time", place="steps")
    return programme


def check_names(name_vi: str, name_en: str) -> tuple[str, str]:
    """Give the names of a schedule, tidy. Raises InvalidInput for one that is empty or longer than 100 characters."""
    tidy = " ".join(name_vi.split()), " ".join(name_en.split())
    for place, name in zip(("name_vi", "name_en"), tidy, strict=True):
        if not 1 <= len(name) <= 100:
            raise InvalidInput("a name has 1 to 100 characters", place=place)
    return tidy


def check_scope(scope: Scope, key: str) -> None:
    """See that a scope names somebody, or the whole city and nobody. Raises InvalidInput."""
    if (scope is Scope.CITY) != (key == ""):
        raise InvalidInput("the city has no key, and anything narrower has one", place="key")


def check_exception(exception: CalendarException, holidays: Mapping[str, object]) -> CalendarException:
    """Give an exception back that comes on some night. Raises InvalidInput with the place that is wrong."""
    check_scope(exception.scope, exception.key)
    if not exception.reason.strip():
        raise InvalidInput("an exception has a reason", place="reason")
    if exception.recurrence is Recurrence.HOLIDAY:
        if exception.holiday not in holidays:
            raise InvalidInput(f"no such holiday: {exception.holiday}", place="holiday")
        if not 1 <= exception.nights <= MOST_NIGHTS or abs(exception.offset) > MOST_NIGHTS:
            raise InvalidInput(f"1 to {MOST_NIGHTS} nights, at most as far from the holiday", place="nights")
        return exception
    if exception.first is None or exception.last is None:
        raise InvalidInput("a first and a last night are needed", place="first")
    if exception.last < exception.first or (exception.last - exception.first).days > 366:
        raise InvalidInput("the last night comes after the first, within a year", place="last")
    return exception


def check_tariff(tariff: Tariff) -> Tariff:
    """Give a tariff back that can be used. Raises InvalidInput with the place that is wrong."""
    if not tariff.price_per_kwh.is_finite() or tariff.price_per_kwh < 0:
        raise InvalidInput("a price is not below 0", place="price_per_kwh")
    if not (len(tariff.currency) == 3 and tariff.currency.isascii() and tariff.currency.isupper()):
        raise InvalidInput("a currency is an ISO 4217 code", place="currency")
    _check_basis(tariff.basis)
    _check_period(tariff.valid_from, tariff.valid_to)
    return tariff


def check_baseline(baseline: Baseline) -> Baseline:
    """Give a baseline back that can be used. Raises InvalidInput with the place that is wrong."""
    check_scope(baseline.scope, baseline.key)
    if not 0 < baseline.power_w <= 5000:
        raise InvalidInput("a lamp's power lies above 0 and up to 5000 W", place="power_w")
    _check_basis(baseline.basis)
    _check_period(baseline.valid_from, baseline.valid_to)
    return baseline


def _check_basis(basis: str) -> None:
    if not basis.strip():
        raise InvalidInput("say what it is based on", place="basis")


def _check_period(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to < valid_from:
        raise InvalidInput("it ends before it begins", place="valid_to")
