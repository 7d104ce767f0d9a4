"""Addresses of the shell's own pages."""

from django.urls import path

from dothi.web import views

app_name = "web"
urlpatterns = [
    path("", views.live_map, name="map"),
    path("map/base.geojson", views.base_map, name="base-map"),
    path("language/", views.set_language, name="language"),
]
