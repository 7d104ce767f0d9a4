"""Addresses of lighting's pages, under /lighting/."""

from django.urls import path

from dothi.domains.lighting import views

app_name = "lighting"
urlpatterns = [path("", views.list_lamps, name="lamps")]
