"""Addresses of air's pages, under /air/."""

from django.urls import path

from dothi.domains.air.views import residents, stations

app_name = "air"
urlpatterns = [
    path("", stations.list_stations, name="stations"),
    path("stations/<int:station_id>/", stations.show_station, name="station"),
    path("stations/<int:station_id>/year/", stations.show_year, name="year"),
    path("today/", residents.show_today, name="today"),
]
