"""The form by which a lamp, a street or a cabinet is commanded."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dothi.domains.lighting.types.command import Aim, Order, Target
from dothi.kernel import clock

DEEDS: Final = (
    ("on", gettext_lazy("Full light")),
    ("dim", gettext_lazy("Dim to")),
    ("off", gettext_lazy("Off")),
    ("resume", gettext_lazy("Back to the schedule")),
)
SPANS: Final = (
    ("15", gettext_lazy("15 minutes")),
    ("60", gettext_lazy("1 hour")),
    ("240", gettext_lazy("4 hours")),
    ("720", gettext_lazy("12 hours")),
    ("", gettext_lazy("until another command")),
)
_LEVELS: Final = {"on": 100, "off": 0}


class CommandForm(forms.Form):
    """What to do, how bright, for how long; whom it is for is hidden."""

    aim = forms.ChoiceField(choices=[(aim.value, aim.value) for aim in Aim], widget=forms.HiddenInput)
    key = forms.CharField(max_length=200, widget=forms.HiddenInput)
    deed = forms.ChoiceField(
        label=gettext_lazy("What to do"), choices=DEEDS, initial="on", widget=forms.RadioSelect({"class": "deed"})
    )
    level = forms.IntegerField(
        label=gettext_lazy("Level, in percent"),
        min_value=0,
        max_value=100,
        required=False,
        initial=50,
        widget=forms.NumberInput({"class": "form-control num", "inputmode": "numeric"}),
    )
    span = forms.ChoiceField(
        label=gettext_lazy("For how long"),
        choices=SPANS,
        required=False,
        initial="60",
        widget=forms.Select({"class": "form-select"}),
    )

    def clean(self) -> dict[str, Any]:
        """See that a level is there where one is needed."""
        found: dict[str, Any] = super().clean() or {}
        if found.get("deed") == "dim" and found.get("level") is None:
            self.add_error("level", _("Say to how many percent to dim."))
        return found

    def target(self) -> Target:
        """Give whom it is for, once valid."""
        return Target(Aim(self.cleaned_data["aim"]), self.cleaned_data["key"])

    def order(self) -> Order:
        """Give what to do, once valid; its end counts from the city's now."""
        deed, span = self.cleaned_data["deed"], self.cleaned_data["span"]
        if deed == "resume":
            return Order(None)
        level = _LEVELS.get(deed, self.cleaned_data["level"])
        return Order(level, clock.now() + timedelta(minutes=int(span)) if span else None)
