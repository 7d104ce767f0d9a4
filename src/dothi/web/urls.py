"""Addresses of the shell's own pages."""

from django.urls import path

from dothi.web import demo, searching, views, welcome

app_name = "web"
urlpatterns = [
    path("", views.live_map, name="map"),
    path("wall/", views.wall, name="wall"),
    path("operations/timeline.json", views.show_timeline, name="timeline"),
    path("operations/alarms/<int:alarm_id>/chart.json", views.draw_alarm, name="alarm-chart"),
    path("map/base.geojson", views.base_map, name="base-map"),
    path("language/", views.set_language, name="language"),
    path("search/", searching.show, name="search"),
    path("search.json", searching.offer, name="search-offer"),
    path("demo/", demo.show, name="demo"),
    path("demo/break/", demo.break_it, name="demo-break"),
    path("demo/mend/", demo.mend, name="demo-mend"),
    path("welcome/", welcome.show, name="welcome"),
]
