"""The forms of what energy is paid by and compared with: tariffs and baselines, from a date on."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dothi.domains.lighting.types.energy import Baseline, Tariff
from dothi.domains.lighting.types.schedule import Cabinet
from dothi.domains.lighting.views.schedule_forms import scope_and_key, whom

_TEXT: Final = {"class": "form-control"}
_CHOICE: Final = {"class": "form-select"}
_DATE: Final = {**_TEXT, "type": "date"}


class _Dated(forms.Form):
    """What holds between two dates, with its basis."""

    basis = forms.CharField(
        label=gettext_lazy("Based on"),
        help_text=gettext_lazy("The decision, contract or inventory that says so."),
        max_length=300,
        widget=forms.TextInput(_TEXT),
    )
    valid_from = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput(_DATE, "%Y-%m-%d"))
    valid_to = forms.DateField(
        label=gettext_lazy("Up to and including"),
        help_text=gettext_lazy("Empty: until further notice."),
        required=False,
        widget=forms.DateInput(_DATE, "%Y-%m-%d"),
    )

    def clean(self) -> dict[str, Any]:
        """See that it ends after it begins."""
        found: dict[str, Any] = super().clean() or {}
        first, last = found.get("valid_from"), found.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", _("It ends before it begins."))
        return found


class TariffForm(_Dated):
    """What a kilowatt-hour costs."""

    price_per_kwh = forms.DecimalField(
        label=gettext_lazy("Price of a kWh"),
        min_value=0,
        max_digits=14,
        decimal_places=4,
        widget=forms.NumberInput({**_TEXT, "step": "any"}),
    )
    currency = forms.RegexField(
        label=gettext_lazy("Currency"),
        help_text=gettext_lazy("Three letters, by ISO 4217."),
        regex="^[A-Z]{3}$",
        widget=forms.TextInput({**_TEXT, "maxlength": "3", "autocapitalize": "characters"}),
    )

    def tariff(self) -> Tariff:
        """Give the tariff that a valid form holds."""
        given = self.cleaned_data
        return Tariff(
            id=0,
            price_per_kwh=given["price_per_kwh"],
            currency=given["currency"],
            basis=given["basis"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        )


class BaselineForm(_Dated):
    """What a lamp drew before the saving measure."""

    whom = forms.ChoiceField(label=gettext_lazy("For the lamps of"), widget=forms.Select(_CHOICE))
    power_w = forms.FloatField(
        label=gettext_lazy("Power of a lamp before, W"),
        min_value=0.1,
        max_value=5000,
        widget=forms.NumberInput({**_TEXT, "step": "any"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, cabinets: Iterable[Cabinet], **options: Any) -> None:
        super().__init__(data, **options)
        field = self.fields["whom"]
        if isinstance(field, forms.ChoiceField):
            field.choices = whom(cabinets, with_city=True)

    def baseline(self) -> Baseline:
        """Give the baseline that a valid form holds."""
        given = self.cleaned_data
        scope, key = scope_and_key(given["whom"])
        return Baseline(
            id=0,
            scope=scope,
            key=key,
            power_w=given["power_w"],
            basis=given["basis"],
            valid_from=given["valid_from"],
            valid_to=given["valid_to"],
        )
