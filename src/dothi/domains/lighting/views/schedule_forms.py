"""The forms of the schedule editor: a schedule with its steps, for whom it is, and exceptions by calendar."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dothi.domains.lighting.rules.validity import MOST_NIGHTS
from dothi.domains.lighting.types.schedule import (
    MOST_STEPS,
    Cabinet,
    CalendarException,
    Programme,
    Recurrence,
    Schedule,
    Scope,
    Step,
)
from dothi.kernel.text import fold

LEAST_ROWS: Final = 4
FREE_ROWS: Final = 2
_TEXT: Final = {"class": "form-control"}
_CHOICE: Final = {"class": "form-select"}
_HOUR_AND_MINUTE: Final = "([01]?[0-9]|2[0-3]):[0-5][0-9]"
Choices = list[tuple[str, Any]]


class ScheduleForm(forms.Form):
    """A schedule's names, its offsets from sunset and sunrise, and whether it is the city's default."""

    name_vi = forms.CharField(
        label=gettext_lazy("Name in Vietnamese"), max_length=100, widget=forms.TextInput({**_TEXT, "lang": "vi"})
    )
    name_en = forms.CharField(
        label=gettext_lazy("Name in English"), max_length=100, widget=forms.TextInput({**_TEXT, "lang": "en"})
    )
    on_offset_min = forms.IntegerField(
        label=gettext_lazy("On, minutes after sunset"),
        help_text=gettext_lazy("A negative number is before it."),
        min_value=-180,
        max_value=180,
        initial=0,
        widget=forms.NumberInput(_TEXT),
    )
    off_offset_min = forms.IntegerField(
        label=gettext_lazy("Off, minutes after sunrise"),
        help_text=gettext_lazy("A negative number is before it."),
        min_value=-180,
        max_value=180,
        initial=0,
        widget=forms.NumberInput(_TEXT),
    )
    is_default = forms.BooleanField(
        label=gettext_lazy("Default of the whole city"),
        required=False,
        widget=forms.CheckboxInput({"class": "form-check-input"}),
    )


class StepForm(forms.Form):
    """From a time on, a level; both fields empty is no step."""

    at = forms.TimeField(
        label=gettext_lazy("From, hh:mm"),
        required=False,
        # Not the browser's own field for a time: that one writes 10:00 PM where the browser's language does.
        widget=forms.TextInput({**_TEXT, "pattern": _HOUR_AND_MINUTE, "inputmode": "numeric", "placeholder": "--:--"}),
        input_formats=["%H:%M"],
    )
    level = forms.IntegerField(
        label=gettext_lazy("Level, %"),
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.NumberInput(_TEXT),
    )

    def clean(self) -> dict[str, Any]:
        """See that a step has both of its parts."""
        found: dict[str, Any] = super().clean() or {}
        if not self.errors and (found.get("at") is None) != (found.get("level") is None):
            raise forms.ValidationError(_("A step has a time and a level."))
        return found


if TYPE_CHECKING:
    StepForms = forms.BaseFormSet[StepForm]
else:
    StepForms = forms.BaseFormSet  # generic for the type checker alone


class BaseStepFormSet(StepForms):
    """All steps of a schedule, in any order."""

    def clean(self) -> None:
        """See that no two steps have the same time."""
        times = [step.at for step in self.steps()] if not any(self.errors) else []
        if len(set(times)) < len(times):
            raise forms.ValidationError(_("Two steps have the same time."))

    def steps(self) -> tuple[Step, ...]:
        """Give the steps that were filled in."""
        rows = (form.cleaned_data for form in self.forms)
        return tuple(Step(at=f"{row['at']:%H:%M}", level=row["level"]) for row in rows if row.get("at") is not None)


def step_forms(data: Mapping[str, Any] | None = None, *, steps: Sequence[Step] = ()) -> BaseStepFormSet:
    """Make the rows of steps: those there are and some free ones."""
    rows = min(MOST_STEPS, max(LEAST_ROWS, len(steps) + FREE_ROWS))
    kind = forms.formset_factory(
        StepForm, formset=BaseStepFormSet, extra=rows - len(steps), max_num=MOST_STEPS, validate_max=True
    )
    initial = [{"at": step.at, "level": step.level} for step in steps]
    return cast("BaseStepFormSet", kind(data, prefix="steps", initial=initial))


def schedule_form(schedule: Schedule) -> ScheduleForm:
    """Make the form that shows a schedule."""
    programme = schedule.programme
    return ScheduleForm(
        initial={
            "name_vi": schedule.name_vi,
            "name_en": schedule.name_en,
            "on_offset_min": programme.on_offset_min,
            "off_offset_min": programme.off_offset_min,
            "is_default": schedule.is_default,
        }
    )


def programme_in(form: ScheduleForm, steps: BaseStepFormSet) -> Programme:
    """Give the programme that valid forms hold; its zone is the service's to say."""
    return Programme(
        on_offset_min=form.cleaned_data["on_offset_min"],
        off_offset_min=form.cleaned_data["off_offset_min"],
        steps=steps.steps(),
    )


def whom(cabinets: Iterable[Cabinet], *, with_city: bool) -> Choices:
    """Give what a schedule or an exception can be for: `scope:key`, with what people call it, in groups."""
    known = list(cabinets)
    programmes = _by_name({(each.programme, each.programme_name) for each in known if each.programme})
    streets = _by_name({(each.street, each.street_name) for each in known if each.street})
    groups: Choices = [
        (_("Programme"), [(f"{Scope.PROGRAMME.value}:{key}", name) for key, name in programmes]),
        (_("Street"), [(f"{Scope.STREET.value}:{slug}", name) for slug, name in streets]),
        (_("Control cabinet"), [(f"{Scope.CABINET.value}:{each.serial}", each.name) for each in known if each.serial]),
    ]
    found = [group for group in groups if group[1]]
    return [(f"{Scope.CITY.value}:", _("The whole city")), *found] if with_city else found


def _by_name(found: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(found, key=lambda each: fold(each[1]))


def scope_and_key(value: str) -> tuple[Scope, str]:
    """Split what `whom` offers."""
    scope, _colon, key = value.partition(":")
    return Scope(scope), key


class AssignForm(forms.Form):
    """Who gets which schedule."""

    whom = forms.ChoiceField(label=gettext_lazy("For"), widget=forms.Select(_CHOICE))
    schedule = forms.TypedChoiceField(label=gettext_lazy("Schedule"), coerce=int, widget=forms.Select(_CHOICE))

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, cabinets: Iterable[Cabinet], schedules: Choices
    ) -> None:
        super().__init__(data)
        _offer(self, "whom", whom(cabinets, with_city=False))
        _offer(self, "schedule", schedules)


class ExceptionForm(forms.Form):
    """Nights on which another schedule holds, or full light all night."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, widget=forms.TextInput(_TEXT))
    whom = forms.ChoiceField(label=gettext_lazy("For"), widget=forms.Select(_CHOICE))
    schedule = forms.TypedChoiceField(
        label=gettext_lazy("Schedule on these nights"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(_CHOICE),
    )
    recurrence = forms.ChoiceField(
        label=gettext_lazy("When"),
        choices=[
            (Recurrence.ONCE.value, gettext_lazy("On these dates, once")),
            (Recurrence.YEARLY.value, gettext_lazy("On these dates, every year")),
            (Recurrence.HOLIDAY.value, gettext_lazy("With a public holiday, every year")),
        ],
        initial=Recurrence.ONCE.value,
        widget=forms.RadioSelect({"class": "form-check-input"}),
    )
    first = forms.DateField(
        label=gettext_lazy("First night"), required=False, widget=forms.DateInput({**_TEXT, "type": "date"}, "%Y-%m-%d")
    )
    last = forms.DateField(
        label=gettext_lazy("Last night"), required=False, widget=forms.DateInput({**_TEXT, "type": "date"}, "%Y-%m-%d")
    )
    holiday = forms.ChoiceField(label=gettext_lazy("Public holiday"), required=False, widget=forms.Select(_CHOICE))
    offset = forms.IntegerField(
        label=gettext_lazy("First night, days after the holiday"),
        help_text=gettext_lazy("A negative number is before it."),
        required=False,
        min_value=-MOST_NIGHTS,
        max_value=MOST_NIGHTS,
        initial=0,
        widget=forms.NumberInput(_TEXT),
    )
    nights = forms.IntegerField(
        label=gettext_lazy("Number of nights"),
        required=False,
        min_value=1,
        max_value=MOST_NIGHTS,
        initial=1,
        widget=forms.NumberInput(_TEXT),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        cabinets: Iterable[Cabinet],
        schedules: Choices,
        holidays: Mapping[str, date],
    ) -> None:
        super().__init__(data)
        _offer(self, "whom", whom(cabinets, with_city=True))
        _offer(self, "schedule", [("", _("Full light all night")), *schedules])
        days = [(name, f"{name} ({date_format(day, 'd/m/Y')})") for name, day in holidays.items()]
        _offer(self, "holiday", [("", _("None")), *days])

    def clean(self) -> dict[str, Any]:
        """See that the dates, or the holiday, are given."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("recurrence") == Recurrence.HOLIDAY.value:
            if not found.get("holiday"):
                self.add_error("holiday", _("Choose a public holiday."))
            return found
        first, last = found.get("first"), found.get("last")
        if first is None and "first" not in self.errors:
            self.add_error("first", _("Give the first night."))
        if first and last and not 0 <= (last - first).days <= 366:
            self.add_error("last", _("The last night comes after the first, within a year."))
        return found

    def exception(self) -> CalendarException:
        """Give the exception that a valid form holds."""
        given = self.cleaned_data
        scope, key = scope_and_key(given["whom"])
        recurrence = Recurrence(given["recurrence"])
        is_holiday = recurrence is Recurrence.HOLIDAY
        return CalendarException(
            id=0,
            scope=scope,
            key=key,
            schedule_id=given["schedule"],
            recurrence=recurrence,
            reason=given["reason"],
            first=None if is_holiday else given["first"],
            last=None if is_holiday else given["last"] or given["first"],
            holiday=given["holiday"] if is_holiday else "",
            offset=(given["offset"] or 0) if is_holiday else 0,
            nights=(given["nights"] or 1) if is_holiday else 1,
        )


def _offer(form: forms.Form, name: str, choices: Choices) -> None:
    field = form.fields[name]
    if isinstance(field, forms.ChoiceField):
        field.choices = choices
