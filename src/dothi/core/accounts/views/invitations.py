"""Invitations: an administrator makes and withdraws them, the invited person accepts."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dothi.core.accounts.guard import actor_of, permission_required, public
from dothi.core.accounts.service import departments as tree
from dothi.core.accounts.service import invitations as service
from dothi.core.accounts.service import mailing
from dothi.core.accounts.types import Actor, Department, InvitationState
from dothi.core.accounts.views import words
from dothi.core.accounts.views.forms import AcceptForm, InvitationForm
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput


@permission_required(service.INVITE)
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitations(request: HttpRequest) -> HttpResponse:
    """Show all invitations, and make one: its link is shown this once."""
    actor = actor_of(request)
    departments = _departments(actor)
    form = InvitationForm(request.POST if request.method == "POST" else None, departments=departments)
    made, link, is_sent = None, "", False
    if form.is_bound and form.is_valid():
        try:
            made = service.invite(actor, grants=[form.grant()], email=form.cleaned_data["email"])
        except Conflict:
            form.add_error("email", gettext("This address is a person's already."))
        else:
            link = request.build_absolute_uri(reverse("invitation", args=[made.token]))
            is_sent = _send(form.cleaned_data["email"], link)
            form = InvitationForm(departments=departments)
    now = clock.now()
    return render(
        request,
        "accounts/invitations.html",
        {
            "rows": [
                (each, words.STATES[each.state_at(now)], words.grants_of(each.grants, departments))
                for each in service.list_invitations(actor)
            ],
            "open": InvitationState.OPEN,
            "open_ids": [
                each.id for each in service.list_invitations(actor) if each.state_at(now) is InvitationState.OPEN
            ],
            "form": form,
            "made": made,
            "link": link,
            "is_sent": is_sent,
            "here": "invitations",
        },
        status=400 if form.is_bound and not made else 200,
    )


def _send(address: str, link: str) -> bool:
    """Send the link to the address that was given, if there is a mail server; tells whether it took it."""
    subject = gettext("Your invitation to Dothi")
    text = gettext("Open this link to make your account. It is good once, for seven days:") + f"\n\n{link}\n"
    return mailing.send(address, subject=subject, text=text)


@permission_required(service.INVITE)
@require_POST
def withdraw(request: HttpRequest, number: int) -> HttpResponse:
    """Take an invitation back."""
    try:
        service.withdraw(actor_of(request), number)
    except Conflict:
        messages.info(request, gettext("The invitation was not open any more."))
    else:
        messages.success(request, gettext("The invitation is withdrawn; its link leads nowhere now."))
    return redirect("people:invitations")


@public
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
@never_cache
def accept(request: HttpRequest, token: str) -> HttpResponse:
    """Let whoever has the link make their account; then they sign in."""
    try:
        found = service.find_open(token)
    except Conflict:
        return render(request, "accounts/invitation_over.html", status=410)
    form = AcceptForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            service.accept(token, **form.cleaned_data)
        except Conflict:
            form.add_error("username", gettext("This user name is taken."))
        except InvalidInput as error:
            form.add_error(error.place if error.place in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Your account is made. Sign in with it."))
            return redirect("account_login")
    return render(
        request,
        "accounts/invitation.html",
        {"form": form, "invitation": found, "grants": words.grants_of(found.grants)},
        status=400 if form.is_bound else 200,
    )


def _departments(actor: Actor) -> list[Department]:
    return tree.list_departments(actor) if actor.may(tree.VIEW) else []
