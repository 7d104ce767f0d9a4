"""The address of the audit log, under /audit/: the log itself stands below the accounts and has no page."""

from django.urls import path

from dothi.core.accounts.views import audit_log

app_name = "audit"
urlpatterns = [path("", audit_log.show_log, name="log")]
