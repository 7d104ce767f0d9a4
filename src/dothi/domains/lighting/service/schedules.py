"""The door to light schedules: keep them, say for whom and when they hold, and which programme comes on a night."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, NamedTuple

import msgspec
from django.conf import settings
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations import service as observations
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import calendar, validity
from dothi.domains.lighting.rules import schedule as nights
from dothi.domains.lighting.rules.readings import programme_of, text_of
from dothi.domains.lighting.service.lamps import LAMPS
from dothi.domains.lighting.types.schedule import (
    Assignment,
    Cabinet,
    CalendarException,
    Choice,
    Due,
    Night,
    Overview,
    Programme,
    Schedule,
    Scope,
)
from dothi.kernel import clock
from dothi.kernel.city import City
from dothi.kernel.errors import Conflict, InvalidInput, NotFound
from dothi.kernel.text import fold

VIEW: Final = "lighting.schedule.view"
EDIT: Final = "lighting.schedule.edit"
CABINET_KIND: Final = "StreetlightControlCabinet"


def _city() -> City:
    return settings.CITY


def coming_night() -> date:
    """Give the date of the night that comes next in the city, or that runs since noon."""
    return nights.coming_night(clock.now(), _city().zone)


def list_schedules(actor: Actor) -> list[Schedule]:
    """List the city's schedules. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    return store.list_schedules()


def get_schedule(actor: Actor, schedule_id: int) -> Schedule:
    """Give one schedule. Raises Unauthenticated or Forbidden, NotFound."""
    accounts.require(actor, VIEW)
    return _get(schedule_id)


def save_schedule(
    actor: Actor, *, name_vi: str, name_en: str, programme: Programme, is_default: bool, schedule_id: int = 0
) -> Schedule:
    """Keep a new schedule (`schedule_id` 0) or change one; a new default takes the place of the old. Audited.

    The programme gets the city's zone. Raises Unauthenticated or Forbidden, NotFound, InvalidInput with its place.
    """
    accounts.require(actor, EDIT)
    name_vi, name_en = validity.check_names(name_vi, name_en)
    sound = validity.check_programme(
        msgspec.structs.replace(programme, zone=_city().zone, steps=nights.ordered(programme.steps))
    )
    wanted = Schedule(schedule_id, name_vi, name_en, sound, is_default)
    with transaction.atomic():
        before = _get(schedule_id) if schedule_id else None
        saved = store.save_schedule(wanted)
        _record(actor, f"lighting.schedule:{saved.id}", before=before, after=saved)
    return saved


def delete_schedule(actor: Actor, schedule_id: int) -> None:
    """Remove a schedule that nobody has. Audited.

    Raises Unauthenticated or Forbidden, NotFound, Conflict while an assignment or an exception refers to it.
    """
    accounts.require(actor, EDIT)
    with transaction.atomic():
        before = _get(schedule_id)
        if store.is_used(schedule_id):
            raise Conflict(f"the schedule {schedule_id} is in use")
        store.delete_schedule(schedule_id)
        _record(actor, f"lighting.schedule:{schedule_id}", before=before)


def list_assignments(actor: Actor) -> list[Assignment]:
    """List which schedule programmes, streets and cabinets have. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    return store.list_assignments()


def assign(actor: Actor, schedule_id: int, *, scope: Scope, key: str) -> Assignment:
    """Give a programme, a street or a cabinet a schedule, in place of the one it had. Audited.

    Raises Unauthenticated or Forbidden, NotFound, InvalidInput for the city as a whole, which has a default instead.
    """
    accounts.require(actor, EDIT)
    if scope is Scope.CITY:
        raise InvalidInput("the whole city has the default schedule", place="scope")
    validity.check_scope(scope, key)
    with transaction.atomic():
        _get(schedule_id)
        assigned, before = store.assign(schedule_id, scope=scope, key=key)
        _record(
            actor,
            f"lighting.assignment:{scope.value}:{key}",
            before=None if before is None else {"schedule_id": before},
            after={"schedule_id": schedule_id},
        )
    return assigned


def unassign(actor: Actor, assignment_id: int) -> None:
    """Take an assignment back. Audited. Raises Unauthenticated or Forbidden, NotFound."""
    accounts.require(actor, EDIT)
    with transaction.atomic():
        gone = store.delete_assignment(assignment_id)
        if gone is None:
            raise NotFound(f"no assignment {assignment_id}")
        subject = f"lighting.assignment:{gone.scope.value}:{gone.key}"
        _record(actor, subject, before={"schedule_id": gone.schedule_id})


def list_exceptions(actor: Actor) -> list[CalendarException]:
    """List the exceptions by calendar. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    return store.list_exceptions()


def list_holidays(actor: Actor) -> Mapping[str, date]:
    """Give the next first day of each public holiday of the city's country, by name and in order of time."""
    accounts.require(actor, VIEW)
    today = coming_night()
    upcoming = {
        name: min(day for day in days if day >= today)
        for name, days in _holidays(today.year).items()
        if any(day >= today for day in days)
    }
    return dict(sorted(upcoming.items(), key=lambda entry: entry[1]))


def add_exception(actor: Actor, exception: CalendarException) -> CalendarException:
    """Keep a new exception; its id is given by the record. Audited.

    Raises Unauthenticated or Forbidden, NotFound for its schedule, InvalidInput with the place that is wrong.
    """
    accounts.require(actor, EDIT)
    sound = validity.check_exception(exception, _holidays(coming_night().year))
    with transaction.atomic():
        if sound.schedule_id is not None:
            _get(sound.schedule_id)
        kept = store.insert_exception(sound)
        _record(actor, f"lighting.exception:{kept.id}", after=kept)
    return kept


def delete_exception(actor: Actor, exception_id: int) -> None:
    """Remove an exception. Audited. Raises Unauthenticated or Forbidden, NotFound."""
    accounts.require(actor, EDIT)
    with transaction.atomic():
        gone = store.delete_exception(exception_id)
        if gone is None:
            raise NotFound(f"no exception {exception_id}")
        _record(actor, f"lighting.exception:{exception_id}", before=gone)


def list_cabinets(actor: Actor) -> list[Cabinet]:
    """List the control cabinets an actor may see, by name, each with the street that most of its lamps stand in.

    Two queries. Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    lamps = observations.list_things(actor, kind=LAMPS.kind, readings=False)
    street_names = {text_of(lamp.properties, "street"): text_of(lamp.properties, "street_name") for lamp in lamps}
    streets: dict[str, list[str]] = {}
    for lamp in lamps:
        streets.setdefault(text_of(lamp.properties, "cabinet"), []).append(text_of(lamp.properties, "street"))
    found = []
    for thing in observations.list_things(actor, kind=CABINET_KIND, readings=False):
        serial = text_of(thing.properties, "serial")
        street = calendar.street_of(streets.get(serial, ()))
        cabinet = Cabinet(
            id=thing.id,
            name=thing.name,
            serial=serial,
            street=street,
            programme=text_of(thing.properties, "programme"),
            lon=thing.lon,
            lat=thing.lat,
            street_name=street_names.get(street) or street,
            programme_name=programme_of(thing.properties),
            lamps=len(streets.get(serial, ())),
        )
        found.append(cabinet)
    return sorted(found, key=lambda cabinet: (fold(cabinet.name), cabinet.id))


def overview(actor: Actor, night: date) -> Overview:
    """Give all schedules with what they mean for each cabinet on the night of a date, in six queries.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    book = _open_book()
    choices = _choose(book, list_cabinets(actor), night)
    return Overview(
        night=night,
        schedules=tuple(book.schedules),
        assignments=tuple(book.assignments),
        exceptions=tuple(book.exceptions),
        choices=tuple(choices),
        due=tuple(calendar.due(choices, acknowledged=store.acknowledged(), zone=_city().zone)),
    )


def programmes_for(actor: Actor, cabinets: list[Cabinet], night: date) -> list[tuple[Cabinet, Choice]]:
    """Give each cabinet's programme for the night of a date, and why, in three queries.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    return _choose(_open_book(), cabinets, night)


def programmes_run(actor: Actor, cabinets: Sequence[Cabinet], over: Sequence[date]) -> list[list[Programme]]:
    """Give what cabinets ran on nights, as they acknowledged it: one list a night and in it one programme a cabinet.

    One query. Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    ids = [cabinet.id for cabinet in cabinets]
    return calendar.programmes_run(ids, over, store.list_acknowledged(), zone=_city().zone)


def programme_for(actor: Actor, cabinet: Cabinet, night: date) -> Choice:
    """Give one cabinet's programme for the night of a date, and why. Raises Unauthenticated or Forbidden."""
    return programmes_for(actor, [cabinet], night)[0][1]


def preview(
    actor: Actor, programme: Programme, night: date, *, lat: float | None = None, lon: float | None = None
) -> Night:
    """Give when lamps switch in a night, at a place (degrees) or else at the city's centre.

    Raises Unauthenticated or Forbidden, InvalidInput.
    """
    accounts.require(actor, VIEW)
    centre_lon, centre_lat = _city().center
    return nights.night_of(
        validity.check_programme(programme),
        night,
        lat=centre_lat if lat is None else lat,
        lon=centre_lon if lon is None else lon,
    )


def in_city_zone(programme: Programme) -> Programme:
    """Give a programme whose wall times are the city's."""
    return msgspec.structs.replace(programme, zone=_city().zone)


def device_programme() -> Programme:
    """Give what controllers run until they are sent another programme."""
    return nights.device_programme(_city().zone)


def programmes_due(actor: Actor, night: date) -> list[Due]:
    """List the cabinets that need another programme for a night than the one they last acknowledged.

    Raises Unauthenticated or Forbidden.
    """
    return list(overview(actor, night).due)


def note_acknowledged(actor: Actor, cabinet_id: int, programme: Programme) -> None:
    """Keep which programme a cabinet's controller acknowledged; it isn't due again until another is wanted.

    To say the same once more changes nothing. Raises Unauthenticated or Forbidden, InvalidInput.
    """
    accounts.require(actor, EDIT)
    sound = validity.check_programme(programme)
    if store.acknowledged().get(cabinet_id) != sound:
        store.acknowledge(cabinet_id, sound, at=clock.now())


class _Book(NamedTuple):
    """What the city has decided about its light."""

    schedules: list[Schedule]
    assignments: list[Assignment]
    exceptions: list[CalendarException]


def _open_book() -> _Book:
    return _Book(store.list_schedules(), store.list_assignments(), store.list_exceptions())


def _choose(book: _Book, cabinets: list[Cabinet], night: date) -> list[tuple[Cabinet, Choice]]:
    by_id = {schedule.id: schedule for schedule in book.schedules}
    holidays, zone = _holidays(night.year), _city().zone

    def choice(cabinet: Cabinet) -> Choice:
        return calendar.choose(
            cabinet,
            night,
            schedules=by_id,
            assignments=book.assignments,
            exceptions=book.exceptions,
            holidays=holidays,
            zone=zone,
        )

    return [(cabinet, choice(cabinet)) for cabinet in cabinets]


def _holidays(year: int) -> calendar.Holidays:
    return calendar.holidays_of(_city().country or "", year)


def _get(schedule_id: int) -> Schedule:
    found = store.find_schedule(schedule_id)
    if found is None:
        raise NotFound(f"no schedule {schedule_id}")
    return found


def _record(actor: Actor, subject: str, *, before: object = None, after: object = None) -> None:
    audit.record(
        actor.reference, EDIT, subject=subject, before=msgspec.to_builtins(before), after=msgspec.to_builtins(after)
    )
