"""The forms of layers: a new layer, a file for one, how it is to be read, a feature's attributes."""

from collections.abc import Iterable
from typing import Any

import shapely
from django import forms
from django.utils.translation import gettext_lazy as _

from dothi.core.places.layers.rules import shaping
from dothi.core.places.layers.types import Field, FieldType, LayerDraft, Role, Said, Saying, Visibility, Wish
from dothi.core.places.layers.views import words
from dothi.core.places.layers.views.words import ROLES, VISIBILITIES
from dothi.kernel.manifest import Names

ENCODINGS = [("", _("find out")), ("utf-8", "UTF-8"), ("windows-1258", "Windows-1258"), ("tcvn3", "TCVN3 (ABC)")]


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", "autocomplete": "off", **attrs})


def _select() -> forms.Select:
    return forms.Select(attrs={"class": "form-select"})


class LayerForm(forms.Form):
    """What is said of a new layer."""

    slug = forms.RegexField(
        label=_("Name in addresses"),
        regex=r"^[a-z][a-z0-9_]*$",
        max_length=48,
        widget=_text(),
        help_text=_("Letters a to z, digits and _; it stays as it is."),
    )
    name_vi = forms.CharField(label=_("Name in Vietnamese"), max_length=120, widget=_text())
    name_en = forms.CharField(label=_("Name in English"), max_length=120, widget=_text())
    role = forms.ChoiceField(label=_("What it is for"), choices=list(ROLES.items()), widget=_select())
    visibility = forms.ChoiceField(label=_("Who sees it"), choices=list(VISIBILITIES.items()), widget=_select())
    owner = forms.CharField(
        label=_("Owning department"),
        required=False,
        max_length=60,
        widget=_text(),
        help_text=_("A department's code; empty for the whole city."),
    )
    licence = forms.CharField(label=_("Licence"), required=False, max_length=200, widget=_text())

    def draft(self) -> LayerDraft:
        """Give what was filled in."""
        given = self.cleaned_data
        return LayerDraft(
            given["slug"],
            Names(vi=given["name_vi"], en=given["name_en"]),
            Role(given["role"]),
            owner=given["owner"],
            licence=given["licence"],
            visibility=Visibility(given["visibility"]),
        )


class WishForm(forms.Form):
    """How a file is to be read; what is left empty is as the file says."""

    crs = forms.CharField(
        label=_("Reference system"),
        required=False,
        max_length=200,
        widget=_text(),
        help_text=_("Where the file says none: EPSG:9210 or EPSG:5899 is VN-2000, EPSG:4326 longitude and latitude."),
    )
    encoding = forms.ChoiceField(label=_("Encoding of texts"), required=False, choices=ENCODINGS, widget=_select())
    sublayer = forms.CharField(label=_("Layer of the file"), required=False, max_length=200, widget=_text())
    key_field = forms.CharField(
        label=_("Column that tells features apart"),
        required=False,
        max_length=80,
        widget=_text(),
        help_text=_("- for none: features are then known by all that is said of them."),
    )
    label_field = forms.CharField(label=_("Column of names"), required=False, max_length=80, widget=_text())
    x_field = forms.CharField(label=_("Column of x"), required=False, max_length=80, widget=_text())
    y_field = forms.CharField(label=_("Column of y"), required=False, max_length=80, widget=_text())
    source = forms.CharField(label=_("Source"), required=False, max_length=200, widget=_text())
    accuracy_m = forms.FloatField(
        label=_("Accuracy in metres"),
        required=False,
        min_value=0,
        widget=forms.NumberInput(attrs={"class": "form-control", "step": "any"}),
    )

    def wish(self) -> Wish:
        """Give what was filled in."""
        return Wish(**self.cleaned_data)


class UploadForm(WishForm):
    """A file, and how it is to be read."""

    file = forms.FileField(label=_("File"), widget=forms.FileInput(attrs={"class": "form-control"}))
    field_order = ("file",)

    def wish(self) -> Wish:
        """Give what was filled in, without the file."""
        return Wish(**{name: value for name, value in self.cleaned_data.items() if name != "file"})


class AttributesForm(forms.Form):
    """The attributes of a feature, each as its type has it, an empty one being none; and its shape, where it is small.

    `shape` is what it is so far; its text is compared, so that a shape that nobody touched stays to the last digit.
    """

    def __init__(self, *args: Any, told: Iterable[Field], shape: shapely.Geometry, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told = tuple(told)
        self._shape = shape
        for field in self._told:
            self.fields[field.name] = self._input(field)
        if shaping.is_editable(shape):
            self.fields["geom"] = forms.CharField(
                label=_("Shape"),
                required=False,
                max_length=shaping.LONGEST_TEXT,
                initial=shaping.text_of(shape),
                widget=forms.Textarea(
                    attrs={"class": "form-control num", "rows": 5, "autocomplete": "off", "spellcheck": "false"}
                ),
                help_text=_(
                    "As WKT: longitude and latitude in WGS 84. On the map, drag corners; a double click takes one out."
                ),
            )

    @staticmethod
    def _input(field: Field) -> forms.Field:
        label = field.title or field.name
        numbers = forms.NumberInput(attrs={"class": "form-control", "step": "any"})
        if field.type is FieldType.INTEGER:
            return forms.IntegerField(label=label, required=False, widget=numbers)
        if field.type is FieldType.NUMBER:
            return forms.FloatField(label=label, required=False, widget=numbers)
        if field.type is FieldType.BOOLEAN:
            return forms.NullBooleanField(
                label=label, required=False, widget=forms.NullBooleanSelect(attrs={"class": "form-select"})
            )
        if field.type is FieldType.JSON:
            return forms.JSONField(label=label, required=False, widget=_text())
        return forms.CharField(label=label, required=False, max_length=10_000, widget=_text())

    def clean_geom(self) -> shapely.Geometry | None:
        """Give the shape, None where it is as it was."""
        text: str = self.cleaned_data["geom"]
        if not text.strip() or text.split() == shaping.text_of(self._shape).split():
            return None
        shape = shaping.read(text)
        problem = Said(Saying.UNREADABLE) if shape is None else shaping.problem_of(shape, self._shape)
        if problem:
            raise forms.ValidationError(words.said(problem))
        return shape

    def shape(self) -> shapely.Geometry | None:
        """Give the shape that was filled in, None where it is as it was."""
        return self.cleaned_data.get("geom")

    def attributes(self) -> dict[str, Any]:
        """Give what was filled in."""
        given = self.cleaned_data
        return {field.name: given[field.name] for field in self._told if given[field.name] not in (None, "")}
