"""Addresses of the pages of places, under /places/."""

from django.urls import path

from dothi.core.places import views

app_name = "places"
urlpatterns = [
    path("", views.show_areas, name="areas"),
    path("areas.geojson", views.send_areas, name="geojson"),
    path("dossier/", views.show_dossier, name="dossier"),
    path("<int:area_id>/", views.show_area, name="area"),
]
