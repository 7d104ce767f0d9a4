"""The forms of people, invitations and departments."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dothi.core.accounts.types import Department, Grant, Person, Role
from dothi.core.accounts.views.words import ROLES

_AREA_HELP = _("The code of an area, as the city's map has it; leave it empty for everywhere.")


def _text(**attrs: str) -> forms.TextInput:
    return forms.TextInput(attrs={"class": "form-control", **attrs})


class GrantForm(forms.Form):
    """One grant: a role, where it holds, and in which area."""

    role = forms.ChoiceField(label=_("Role"), widget=forms.Select(attrs={"class": "form-select"}))
    department = forms.ChoiceField(
        label=_("Department"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    area = forms.CharField(
        label=_("Area"), required=False, max_length=60, widget=_text(), help_text=_AREA_HELP, strip=True
    )

    def __init__(self, *args: Any, departments: Iterable[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice(self, "role").choices = [(role.value, name) for role, name in ROLES.items()]
        choice(self, "department").choices = [("", _("Everywhere")), *tree_choices(departments)]

    def grant(self) -> Grant:
        """Give what was filled in."""
        given = self.cleaned_data
        return Grant(role=Role(given["role"]), department=given["department"], area=given["area"])


class InvitationForm(GrantForm):
    """An invitation with its first grant."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        widget=forms.EmailInput(attrs={"class": "form-control", "autocomplete": "off"}),
        help_text=_("May stay empty: the link is what invites, to whomever you give it."),
    )
    field_order = ("email", "role", "department", "area")


class DetailsForm(forms.Form):
    """How a person is called and reached."""

    name = forms.CharField(label=_("Name"), required=False, max_length=150, widget=_text())
    email = forms.EmailField(
        label=_("E-mail address"), required=False, widget=forms.EmailInput(attrs={"class": "form-control"})
    )
    phone = forms.CharField(label=_("Phone"), required=False, max_length=40, widget=_text(inputmode="tel"))

    @classmethod
    def of(cls, person: Person) -> "DetailsForm":
        """Give the form with what is kept of a person."""
        return cls(initial={"name": person.name, "email": person.email, "phone": person.phone})


class AcceptForm(forms.Form):
    """What an invited person fills in."""

    name = forms.CharField(label=_("Your name"), max_length=150, widget=_text(autocomplete="name"))
    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=_text(autocomplete="username", autocapitalize="none"),
        help_text=_("Letters, digits and @ . + - _; you sign in with it."),
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"class": "form-control", "autocomplete": "new-password"}),
        help_text=_("At least 12 characters, not digits alone, and none that many people use. A sentence is good."),
    )

    def clean_password(self) -> str:
        """See that the password is a good one."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class DepartmentForm(forms.Form):
    """A department: its names, and below which other one it stands."""

    name_vi = forms.CharField(label=_("Vietnamese name"), max_length=200, widget=_text(lang="vi"))
    name_en = forms.CharField(label=_("English name"), max_length=200, widget=_text(lang="en"))
    parent = forms.ChoiceField(
        label=_("Stands below"), required=False, widget=forms.Select(attrs={"class": "form-select"})
    )

    def __init__(self, *args: Any, departments: Iterable[Department], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice(self, "parent").choices = [("", _("Nothing: it is at the top")), *tree_choices(departments)]


class NewDepartmentForm(DepartmentForm):
    """A new department, with the code that Things and keys name it by."""

    code = forms.CharField(
        label=_("Code"),
        max_length=60,
        widget=_text(autocapitalize="none"),
        help_text=_("Small letters, digits, hyphens, such as chieu-sang. It stays as it is."),
    )
    field_order = ("code", "name_vi", "name_en", "parent")


def tree_choices(departments: Iterable[Department]) -> list[tuple[str, str]]:
    """Give departments as choices, each set in below the one above it."""
    language = get_language() or ""
    return [(each.code, "\u2003" * each.depth + each.name_in(language)) for each in departments]


def choice(form: forms.Form, name: str) -> forms.ChoiceField:
    """Give a form's field of choices."""
    field = form.fields[name]
    if not isinstance(field, forms.ChoiceField):
        raise TypeError(f"{name} is no field of choices")
    return field
