"""Addresses of one's own account, under /accounts/; ways in, people and the audit log have addresses of their own."""

from django.urls import path

from dothi.core.accounts.views import own

app_name = "accounts"
urlpatterns = [path("", own.show, name="own")]
