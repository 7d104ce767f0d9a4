"""The first run in three steps: the city, the first administrator, the first device; closed once there is one."""

import secrets
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dothi.core.accounts import service as accounts
from dothi.kernel.errors import Conflict, InvalidInput, NotFound
from dothi.web import guard

STEP: Final = "welcome_step"
CITY, ADMINISTRATOR, DEVICE = 1, 2, 3
RIGHTS: Final = ("observations.thing.view", "observations.thing.create", "observations.observation.create")
"""What the first device's key may do: register Things and send Observations."""


class AdministratorForm(forms.Form):
    """The first administrator's name and password, twice."""

    username = forms.CharField(label=_("User name"), max_length=150)
    password = forms.CharField(label=_("Password"), max_length=200, strip=False)
    again = forms.CharField(label=_("The password again"), max_length=200, strip=False)

    def clean(self) -> dict[str, Any]:
        """See that both passwords are the same."""
        said = super().clean() or {}
        if said.get("password") != said.get("again"):
            self.add_error("again", _("The two passwords differ."))
        return said


@guard.public
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """Show the step at which the first run is. Raises NotFound for whoever has not the address that was printed."""
    if token := request.GET.get("token", ""):
        return _enter(request, token)
    step = request.session.get(STEP)
    if step == DEVICE and guard.actor_of(request).may("accounts.key.create"):
        return _device(request)
    if step not in (CITY, ADMINISTRATOR) or accounts.has_administrator():
        raise NotFound("the first run is over")
    if request.method == "POST" and step == CITY:
        request.session[STEP] = ADMINISTRATOR
        return HttpResponseRedirect(reverse("web:welcome"))
    return _administrator(request) if step == ADMINISTRATOR else _page(request, CITY)


def _enter(request: HttpRequest, token: str) -> HttpResponse:
    """Take the token out of the address into the session."""
    known = settings.WELCOME_TOKEN
    if not known or not secrets.compare_digest(token.encode(), known.encode()) or accounts.has_administrator():
        raise NotFound("the first run is over")
    if request.method == "GET":
        request.session[STEP] = CITY
    return HttpResponseRedirect(reverse("web:welcome"))


def _administrator(request: HttpRequest) -> HttpResponse:
    form = AdministratorForm(request.POST if request.method == "POST" else None)
    if form.is_valid() and _create(form):
        said = form.cleaned_data
        user = authenticate(request, username=said["username"], password=said["password"])
        if user is not None:
            login(request, user)
        request.session[STEP] = DEVICE
        return HttpResponseRedirect(reverse("web:welcome"))
    return _page(request, ADMINISTRATOR, status=400 if form.errors else 200, form=form)


def _create(form: AdministratorForm) -> bool:
    """Make the account; False, with the form saying why, where it is refused."""
    said = form.cleaned_data
    try:
        accounts.create_first_administrator(username=said["username"], password=said["password"])
    except InvalidInput as error:
        place = error.place if error.place in form.fields else "username"
        weak = _("Choose a longer one that nobody can guess: at least 12 characters, not only digits.")
        form.add_error(place, weak if place == "password" else _("Choose another user name."))
        return False
    except Conflict:
        form.add_error("username", _("Choose another user name."))
        return False
    return True


def _device(request: HttpRequest) -> HttpResponse:
    key = None
    if request.method == "POST":
        key = accounts.create_key(guard.actor_of(request), name="first device", permissions=RIGHTS)
        del request.session[STEP]
    return _page(request, DEVICE, key=key)


def _page(request: HttpRequest, step: int, *, status: int = 200, **more: object) -> HttpResponse:
    names = (_("The city"), _("The first administrator"), _("The first device"))
    context = {
        "step": step,
        "steps": [(number, name) for number, name in enumerate(names, CITY)],
        "city_id": guard.city().id,
        "language_name": dict(settings.LANGUAGES).get(get_language() or "", ""),
        "zone": guard.city().zone,
        **more,
    }
    return render(request, "web/welcome.html", context, status=status)
