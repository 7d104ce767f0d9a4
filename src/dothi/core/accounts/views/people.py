"""The pages of people, for administrators: the list, one person, and what is done to an account."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.service import departments as tree
from dothi.core.accounts.service import people as service
from dothi.core.accounts.types import Actor, Department, Grant, Person, Role
from dothi.core.accounts.views import words
from dothi.core.accounts.views.forms import DetailsForm, GrantForm, tree_choices
from dothi.kernel.errors import Conflict, InvalidInput
from dothi.kernel.text import fold


@permission_required(service.VIEW)
@require_safe
def list_people(request: HttpRequest) -> HttpResponse:
    """List people, narrowed by name, role, department and whether they are let in."""
    actor = actor_of(request)
    departments = _departments(actor)
    everybody = service.list_people(actor)
    asked = {name: request.GET.get(name, "").strip() for name in ("q", "role", "department", "state")}
    shown = [person for person in everybody if _is_asked(person, asked, departments)]
    return render(
        request,
        "accounts/people.html",
        {
            "rows": [(person, words.grants_of(person.grants, departments)) for person in shown],
            "count": len(everybody),
            "asked": asked,
            "roles": words.ROLES.items(),
            "departments": tree_choices(departments),
            "here": "people",
        },
    )


def _is_asked(person: Person, asked: dict[str, str], departments: list[Department]) -> bool:
    below = {each.code for each in departments if asked["department"] in each.path}
    state = "erased" if person.is_erased else "active" if person.is_active else "inactive"
    return (
        (not asked["q"] or fold(asked["q"]) in fold(f"{person.name} {person.username} {person.email} {person.phone}"))
        and (not asked["role"] or any(grant.role.value == asked["role"] for grant in person.grants))
        and (not asked["department"] or any(grant.department in below for grant in person.grants))
        and (state == asked["state"] if asked["state"] else state != "erased")
    )


@permission_required(service.VIEW)
@require_safe
def show_person(request: HttpRequest, user_id: int) -> HttpResponse:
    """Show a person with grants, details and what can be done to the account."""
    return _page(request, user_id)


@permission_required(service.EDIT)
@require_POST
def edit_details(request: HttpRequest, user_id: int) -> HttpResponse:
    """Keep how a person is called and reached."""
    form = DetailsForm(request.POST)
    if not form.is_valid():
        return _page(request, user_id, details=form)
    given = form.cleaned_data
    try:
        service.update_details(actor_of(request), user_id, **given)
    except Conflict:
        form.add_error("email", gettext("This address is another person's."))
        return _page(request, user_id, details=form)
    messages.success(request, gettext("Kept."))
    return redirect("people:person", user_id)


@permission_required(service.GRANT)
@require_POST
def add_grant(request: HttpRequest, user_id: int) -> HttpResponse:
    """Give a person one more grant."""
    actor = actor_of(request)
    person = service.get_person(actor, user_id)
    form = GrantForm(request.POST, departments=_departments(actor))
    if not form.is_valid():
        return _page(request, user_id, grant=form)
    return _do(
        request,
        user_id,
        gettext("The grant is given."),
        lambda: service.set_grants(actor, user_id, {*person.grants, form.grant()}),
    )


@permission_required(service.GRANT)
@require_POST
def remove_grant(request: HttpRequest, user_id: int) -> HttpResponse:
    """Take one grant from a person."""
    actor = actor_of(request)
    person = service.get_person(actor, user_id)
    gone = _read_grant(request.POST.get("grant", ""))
    left = {grant for grant in person.grants if grant != gone}
    return _do(request, user_id, gettext("The grant is taken back."), lambda: service.set_grants(actor, user_id, left))


@permission_required(service.DEACTIVATE)
@require_POST
def deactivate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a person in no longer; all sessions end."""
    return _do(
        request,
        user_id,
        gettext("The account is shut, and all its sessions are ended."),
        lambda: service.set_active(actor_of(request), user_id, is_active=False),
    )


@permission_required(service.DEACTIVATE)
@require_POST
def activate(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a person in again."""
    return _do(
        request,
        user_id,
        gettext("The account is open again."),
        lambda: service.set_active(actor_of(request), user_id, is_active=True),
    )


@permission_required(service.DEACTIVATE)
@require_POST
def sign_out(request: HttpRequest, user_id: int) -> HttpResponse:
    """End all sessions of a person."""
    return _do(
        request,
        user_id,
        gettext("All sessions of the person are ended."),
        lambda: service.sign_out(actor_of(request), user_id),
    )


@permission_required(service.EDIT)
@require_POST
def remove_second_step(request: HttpRequest, user_id: int) -> HttpResponse:
    """Let a person who lost their authenticator in by password alone."""
    return _do(
        request,
        user_id,
        gettext("The second step is taken away. The person can set up a new one after signing in."),
        lambda: service.remove_second_step(actor_of(request), user_id),
    )


@permission_required(service.ERASE)
@require_POST
def erase(request: HttpRequest, user_id: int) -> HttpResponse:
    """Erase a person's data, once the number of the account was typed as a confirmation."""
    if request.POST.get("confirm", "").strip() != str(user_id):
        messages.warning(request, gettext("Nothing was erased: type the account's number to confirm."))
        return redirect("people:person", user_id)
    return _do(
        request,
        user_id,
        gettext("The person's data is erased."),
        lambda: service.erase_person(actor_of(request), user_id),
    )


def _page(
    request: HttpRequest, user_id: int, *, details: DetailsForm | None = None, grant: GrantForm | None = None
) -> HttpResponse:
    actor = actor_of(request)
    person = service.get_person(actor, user_id)
    departments = _departments(actor)
    return render(
        request,
        "accounts/person.html",
        {
            "person": person,
            "grants": words.grants_of(person.grants, departments),
            "meanings": [(words.ROLES[role], words.MEANINGS[role]) for role in Role],
            "details_form": details or DetailsForm.of(person),
            "grant_form": grant or GrantForm(departments=departments),
            "is_oneself": actor.reference == person.reference,
            "here": "people",
        },
        status=400 if details or grant else 200,
    )


def _departments(actor: Actor) -> list[Department]:
    return tree.list_departments(actor) if actor.may(tree.VIEW) else []


def _read_grant(value: str) -> Grant | None:
    role, _, rest = value.partition("|")
    department, _, area = rest.partition("|")
    return Grant(Role(role), department, area) if role in set(Role) else None


def _do(request: HttpRequest, user_id: int, done: str, deed: Callable[[], object]) -> HttpResponse:
    """Carry out a deed and lead back to the person, saying what became of it."""
    try:
        deed()
    except (Conflict, InvalidInput):
        messages.warning(
            request,
            gettext(
                "Nothing was done. Nobody shuts themselves out, and somebody must be left who is administrator"
                " everywhere."
            ),
        )
    else:
        messages.success(request, done)
    return redirect("people:person", user_id)
