"""One's own account: what one may do, password, second step, and where one is signed in."""

from allauth.account.views import PasswordChangeView, PasswordSetView
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.usersessions.forms import ManageUserSessionsForm
from allauth.usersessions.views import ListUserSessionsView
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from dothi.core.accounts import guard
from dothi.core.accounts.service import own as service
from dothi.core.accounts.service import people
from dothi.core.accounts.views import words


@guard.signed_in
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show one's own account."""
    person = people.get_own(guard.actor_of(request))
    return render(
        request,
        "accounts/own.html",
        {
            "person": person,
            "grants": words.grants_of(person.grants),
            "codes_left": people.count_recovery_codes(person),
            "has_password": getattr(request.user, "has_usable_password", bool)(),
        },
    )


@guard.signed_in
def back(_request: HttpRequest) -> HttpResponse:
    """Lead to one's own account, from addresses that allauth goes to after a change."""
    return HttpResponseRedirect(reverse("accounts:own"))


class SessionsView(ListUserSessionsView):
    """Where one is signed in; ends all other sessions, or all."""

    template_name = "accounts/sessions.html"
    success_url = reverse_lazy("usersessions_list")

    def form_valid(self, form: ManageUserSessionsForm) -> HttpResponse:
        """End the other sessions, and say so to the audit log."""
        answer: HttpResponse = super().form_valid(form)
        service.note(self.request.user.pk or 0, after={"other_sessions": "ended"})
        messages.success(self.request, gettext("You are signed out everywhere but here."))
        return answer


class PasswordView(PasswordChangeView):
    """Changes one's password, which ends all other sessions."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:own")


class FirstPasswordView(PasswordSetView):
    """Gives a password to who has none, as after coming by single sign-on alone."""

    template_name = "accounts/password.html"
    success_url = reverse_lazy("accounts:own")


password = guard.signed_in(PasswordView.as_view())
first_password = guard.signed_in(FirstPasswordView.as_view())
sessions = guard.signed_in(SessionsView.as_view())
set_up_second_step = guard.signed_in(ActivateTOTPView.as_view(template_name="accounts/second_step_set_up.html"))
remove_second_step = guard.signed_in(DeactivateTOTPView.as_view(template_name="accounts/second_step_remove.html"))
recovery_codes = guard.signed_in(ViewRecoveryCodesView.as_view(template_name="accounts/recovery_codes.html"))
new_recovery_codes = guard.signed_in(
    GenerateRecoveryCodesView.as_view(template_name="accounts/recovery_codes_new.html")
)
