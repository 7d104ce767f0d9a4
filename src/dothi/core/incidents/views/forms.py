"""The form by which a work order is issued."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dothi.core.alarms.views.words import PRIORITIES
from dothi.core.incidents.types import NewOrder
from dothi.kernel import clock

LOCAL = "%Y-%m-%dT%H:%M"


class OrderForm(forms.Form):
    """What someone writes of a new order; times are the city's."""

    title = forms.CharField(label=_("Title"), max_length=200)
    task = forms.CharField(label=_("What to do"), max_length=4000, required=False, widget=forms.Textarea)
    priority = forms.TypedChoiceField(
        label=_("Priority"), coerce=int, choices=[(number, name) for number, name in PRIORITIES.items()]
    )
    department = forms.ChoiceField(label=_("Department"))
    assignee = forms.ChoiceField(label=_("Person in charge"), required=False)
    deadline = forms.DateTimeField(label=_("Deadline"), input_formats=[LOCAL])
    key = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: object = None,
        *,
        people: Mapping[str, str],
        departments: Sequence[tuple[str, str]],
        initial: Mapping[str, object],
    ) -> None:
        super().__init__(data, initial=dict(initial))  # type: ignore[arg-type]
        self.fields["department"].choices = [("", _("Choose")), *departments]  # type: ignore[attr-defined]
        self.fields["assignee"].choices = [("", _("Nobody yet: the department decides")), *people.items()]  # type: ignore[attr-defined]

    def clean_deadline(self) -> datetime:
        """See that the deadline lies ahead."""
        found: datetime = self.cleaned_data["deadline"]
        if found <= clock.now():
            raise forms.ValidationError(_("The deadline lies in the past."))
        return found

    def new_order(self, *, thing_id: int, alarm_ids: tuple[int, ...]) -> NewOrder:
        """Give the order that was written."""
        said = self.cleaned_data
        return NewOrder(
            title=said["title"],
            task=said["task"].replace("\r\n", "\n"),
            priority=said["priority"],
            department=said["department"],
            thing_id=thing_id,
            deadline=said["deadline"],
            alarm_ids=alarm_ids,
            assignee=said["assignee"],
        )


def local_text(moment: datetime) -> str:
    """Write a moment as the browser's field for a date and a time wants it, in the city's time."""
    return timezone.localtime(moment).strftime(LOCAL)
