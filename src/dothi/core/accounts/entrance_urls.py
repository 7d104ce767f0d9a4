"""Addresses of the ways in and of one's own sign-in, by the names under which allauth looks for them."""

from django.urls import path

from dothi.core.accounts.views import entrance, invitations, own

urlpatterns = [
    path("sign-in/", entrance.sign_in, name="account_login"),
    path("sign-in/code/", entrance.second_step, name="mfa_authenticate"),
    path("sign-in/again/", entrance.again, name="account_reauthenticate"),
    path("sign-in/again/code/", entrance.again_by_code, name="mfa_reauthenticate"),
    path("sign-in/inactive/", entrance.inactive, name="account_inactive"),
    path("sign-in/cancelled/", entrance.cancelled, name="socialaccount_login_cancelled"),
    path("sign-in/by/<slug:provider_id>/", entrance.to_provider, name="openid_connect_login"),
    path("sign-in/by/<slug:provider_id>/callback/", entrance.from_provider, name="openid_connect_callback"),
    path("sign-out/", entrance.sign_out, name="account_logout"),
    path("invitation/<str:token>/", invitations.accept, name="invitation"),
    path("accounts/password/", own.password, name="account_change_password"),
    path("accounts/password/first/", own.first_password, name="account_set_password"),
    path("accounts/sessions/", own.sessions, name="usersessions_list"),
    path("accounts/second-step/", own.back, name="mfa_index"),
    path("accounts/second-step/set-up/", own.set_up_second_step, name="mfa_activate_totp"),
    path("accounts/second-step/remove/", own.remove_second_step, name="mfa_deactivate_totp"),
    path("accounts/recovery-codes/", own.recovery_codes, name="mfa_view_recovery_codes"),
    path("accounts/recovery-codes/new/", own.new_recovery_codes, name="mfa_generate_recovery_codes"),
    path("accounts/single-sign-on/", own.back, name="socialaccount_connections"),
]
