"""Addresses of the pages of places, under /places/."""

from django.urls import include, path

from dothi.core.places import views

app_name = "places"
urlpatterns = [
    path("", views.show_areas, name="areas"),
    path("areas.geojson", views.send_areas, name="geojson"),
    path("layers/", include("dothi.core.places.layers.urls")),
    path("<int:area_id>/", views.show_area, name="area"),
]
