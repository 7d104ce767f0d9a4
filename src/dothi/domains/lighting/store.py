"""Every query of lighting's own tables."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final

import msgspec
from django.db.models import Q

from dothi.domains.lighting import models
from dothi.domains.lighting.types.command import Aim, Command, Order, Target
from dothi.domains.lighting.types.energy import (
    REPORT_LANGUAGES,
    Baseline,
    KeptReport,
    LampFigures,
    MonthlyReport,
    Tariff,
)
from dothi.domains.lighting.types.schedule import (
    Acknowledgement,
    Assignment,
    CalendarException,
    Programme,
    Recurrence,
    Schedule,
    Scope,
)

_EXCEPTION_FIELDS: Final = ("reason", "first", "last", "holiday", "offset", "nights")


def list_schedules() -> list[Schedule]:
    """List all schedules, in the order in which they were made."""
    return [_schedule_of(row) for row in models.Schedule.objects.order_by("id")]


def find_schedule(schedule_id: int) -> Schedule | None:
    """Give a schedule, or None."""
    row = models.Schedule.objects.filter(id=schedule_id).first()
    return None if row is None else _schedule_of(row)


def save_schedule(schedule: Schedule) -> Schedule:
    """Keep a schedule, a new one if its id is 0; if it is the default, no other one is any more."""
    if schedule.is_default:
        models.Schedule.objects.exclude(id=schedule.id).filter(is_default=True).update(is_default=False)
    values = {
        "name_vi": schedule.name_vi,
        "name_en": schedule.name_en,
        "programme": msgspec.to_builtins(schedule.programme),
        "is_default": schedule.is_default,
    }
    if schedule.id == 0:
        return _schedule_of(models.Schedule.objects.create(**values))
    models.Schedule.objects.filter(id=schedule.id).update(**values)
    return schedule


def delete_schedule(schedule_id: int) -> None:
    """Remove a schedule that nothing refers to."""
    models.Schedule.objects.filter(id=schedule_id).delete()


def is_used(schedule_id: int) -> bool:
    """Tell whether an assignment or an exception refers to a schedule."""
    return (
        models.Assignment.objects.filter(schedule_id=schedule_id).exists()
        or models.CalendarException.objects.filter(schedule_id=schedule_id).exists()
    )


def list_assignments() -> list[Assignment]:
    """List all assignments, the wider scope first."""
    rows = models.Assignment.objects.order_by("scope", "key")
    return [Assignment(row.pk, row.schedule_id, Scope(row.scope), row.key) for row in rows]


def assign(schedule_id: int, *, scope: Scope, key: str) -> tuple[Assignment, int | None]:
    """Give a schedule to whom `scope` and `key` name; gives that, and the schedule they had."""
    before = models.Assignment.objects.filter(scope=scope.value, key=key).values_list("schedule_id", flat=True).first()
    row, _ = models.Assignment.objects.update_or_create(
        scope=scope.value, key=key, defaults={"schedule_id": schedule_id}
    )
    return Assignment(row.pk, schedule_id, scope, key), before


def delete_assignment(assignment_id: int) -> Assignment | None:
    """Remove an assignment and give it, or None."""
    row = models.Assignment.objects.filter(id=assignment_id).first()
    if row is None:
        return None
    models.Assignment.objects.filter(id=assignment_id).delete()
    return Assignment(assignment_id, row.schedule_id, Scope(row.scope), row.key)


def list_exceptions() -> list[CalendarException]:
    """List all exceptions, the newest last."""
    return [_exception_of(row) for row in models.CalendarException.objects.order_by("id")]


def insert_exception(exception: CalendarException) -> CalendarException:
    """Keep a new exception; gives it with its id."""
    row = models.CalendarException.objects.create(
        scope=exception.scope.value,
        key=exception.key,
        schedule_id=exception.schedule_id,
        recurrence=exception.recurrence.value,
        **{field: getattr(exception, field) for field in _EXCEPTION_FIELDS},
    )
    return msgspec.structs.replace(exception, id=row.pk)


def delete_exception(exception_id: int) -> CalendarException | None:
    """Remove an exception and give it, or None."""
    row = models.CalendarException.objects.filter(id=exception_id).first()
    if row is None:
        return None
    found = _exception_of(row)
    models.CalendarException.objects.filter(id=exception_id).delete()
    return found


def acknowledged() -> dict[int, Programme]:
    """Give the programme that each cabinet last acknowledged, by its Thing's id."""
    newest = models.AcknowledgedProgramme.objects.order_by("cabinet_id", "-acknowledged_at", "-id")
    rows = newest.distinct("cabinet_id").values_list("cabinet_id", "programme")
    return {cabinet_id: msgspec.convert(programme, Programme) for cabinet_id, programme in rows}


def list_acknowledged() -> list[Acknowledgement]:
    """List all programmes that cabinets ever acknowledged, the oldest first."""
    rows = models.AcknowledgedProgramme.objects.order_by("acknowledged_at", "id")
    return [
        Acknowledgement(cabinet_id, msgspec.convert(programme, Programme), at)
        for cabinet_id, programme, at in rows.values_list("cabinet_id", "programme", "acknowledged_at")
    ]


def acknowledge(cabinet_id: int, programme: Programme, *, at: datetime) -> None:
    """Keep what a cabinet says it runs."""
    models.AcknowledgedProgramme.objects.create(
        cabinet_id=cabinet_id, programme=msgspec.to_builtins(programme), acknowledged_at=at
    )


def list_tariffs() -> list[Tariff]:
    """List all tariffs, the oldest first."""
    return [
        Tariff(row.pk, row.price_per_kwh, row.currency, row.basis, valid_from=row.valid_from, valid_to=row.valid_to)
        for row in models.Tariff.objects.order_by("valid_from", "id")
    ]


def insert_tariff(tariff: Tariff) -> Tariff:
    """Keep a new tariff; gives it with its id."""
    row = models.Tariff.objects.create(**_without_id(tariff))
    return msgspec.structs.replace(tariff, id=row.pk)


def list_baselines() -> list[Baseline]:
    """List all baselines, the oldest first."""
    return [
        Baseline(
            row.pk, Scope(row.scope), row.key, row.power_w, row.basis, valid_from=row.valid_from, valid_to=row.valid_to
        )
        for row in models.Baseline.objects.order_by("valid_from", "id")
    ]


def insert_baseline(baseline: Baseline) -> Baseline:
    """Keep a new baseline; gives it with its id."""
    row = models.Baseline.objects.create(**_without_id(baseline) | {"scope": baseline.scope.value})
    return msgspec.structs.replace(baseline, id=row.pk)


def _without_id(row: Tariff | Baseline) -> dict[str, object]:
    return {field: value for field, value in msgspec.structs.asdict(row).items() if field != "id"}


def _schedule_of(row: models.Schedule) -> Schedule:
    return Schedule(
        id=row.pk,
        name_vi=row.name_vi,
        name_en=row.name_en,
        programme=msgspec.convert(row.programme, Programme),
        is_default=row.is_default,
    )


def _exception_of(row: models.CalendarException) -> CalendarException:
    return CalendarException(
        id=row.pk,
        scope=Scope(row.scope),
        key=row.key,
        schedule_id=row.schedule_id,
        recurrence=Recurrence(row.recurrence),
        **{field: getattr(row, field) for field in _EXCEPTION_FIELDS},
    )


def insert_command(command: Command) -> None:
    """Keep an order that was given."""
    target, order = command.target, command.order
    models.Command.objects.create(
        group=command.group,
        at=command.at,
        who=command.who,
        aim=target.aim.value,
        key=target.key,
        label=command.label,
        thing_id=command.thing_id,
        level=order.level,
        until=order.until,
        deadline=command.deadline,
    )


def find_command(group: int) -> Command | None:
    """Find an order by the group of its Tasks."""
    row = models.Command.objects.filter(group=group).first()
    return None if row is None else _command_of(row)


def list_commands(*, limit: int) -> list[Command]:
    """List the newest orders, the newest first."""
    return [_command_of(row) for row in models.Command.objects.order_by("-at", "-group")[:limit]]


def list_open_commands() -> list[Command]:
    """List the orders of which it isn't settled yet who answered, and those for which an alarm stands."""
    is_open = Q(unanswered__isnull=True) | Q(is_alarm=True)
    return [_command_of(row) for row in models.Command.objects.filter(is_open).order_by("group")]


def settle_command(group: int, *, unanswered: Sequence[int], is_alarm: bool) -> None:
    """Keep which lamps had not answered an order, and whether an alarm stands for them."""
    models.Command.objects.filter(group=group).update(unanswered=list(unanswered), is_alarm=is_alarm)


def _command_of(row: models.Command) -> Command:
    return Command(
        group=row.group,
        at=row.at,
        who=row.who,
        target=Target(Aim(row.aim), row.key),
        label=row.label,
        thing_id=row.thing_id,
        order=Order(row.level, row.until),
        deadline=row.deadline,
        unanswered=None if row.unanswered is None else tuple(row.unanswered),
        is_alarm=row.is_alarm,
    )


def list_reports() -> list[KeptReport]:
    """List all kept reports, the newest month first."""
    has_document = {f"has_{language}": Q(**{f"pdf_{language}__isnull": False}) for language in REPORT_LANGUAGES}
    rows = models.Report.objects.annotate(**has_document).order_by("-month")
    return [
        KeptReport(
            month=row["month"],
            report=None if row["report"] is None else msgspec.convert(row["report"], MonthlyReport),
            documents=tuple(language for language in REPORT_LANGUAGES if row[f"has_{language}"]),
            asked_at=row["asked_at"],
        )
        for row in rows.values("month", "report", "asked_at", *has_document)
    ]


def list_lamp_figures(month: date) -> list[LampFigures]:
    """List what each lamp adds to a month's report."""
    found = models.Report.objects.filter(month=month).values_list("lamps", flat=True).first()
    return msgspec.convert(found or [], list[LampFigures])


def find_document(month: date, language: str) -> bytes | None:
    """Give a month's report as PDF in a language of `REPORT_LANGUAGES`, or None."""
    found = models.Report.objects.filter(month=month).values_list(f"pdf_{language}", flat=True).first()
    return None if found is None else bytes(found)


def save_report(report: MonthlyReport, lamps: Sequence[LampFigures], documents: Mapping[str, bytes]) -> None:
    """Keep a month's report in the place of the one before."""
    values = {"report": msgspec.to_builtins(report), "lamps": msgspec.to_builtins(lamps), "made_at": report.made_at}
    models.Report.objects.update_or_create(
        month=report.month,
        defaults=values | {f"pdf_{language}": documents.get(language) for language in REPORT_LANGUAGES},
    )


def ask_for_report(month: date, *, at: datetime) -> None:
    """Note that a month's report is to be made anew."""
    models.Report.objects.update_or_create(month=month, defaults={"asked_at": at})
