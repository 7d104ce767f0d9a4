"""Addresses of the pages of places, under /places/."""

from django.urls import include, path

from dothi.core.places import views

app_name = "places"
urlpatterns = [
    path("", views.show_areas, name="areas"),
    path("areas.geojson", views.send_areas, name="geojson"),
    path("dossier/", views.show_dossier, name="dossier"),
    path("questions/", views.show_questions, name="questions"),
    path("questions/answer.csv", views.send_csv, name="answer-csv"),
    path("questions/answer.geojson", views.send_geojson, name="answer-geojson"),
    path("questions/keep/", views.keep_question, name="question-keep"),
    path("questions/<int:question_id>/", views.show_question, name="question"),
    path("questions/<int:question_id>/drop/", views.drop_question, name="question-drop"),
    path("layers/", include("dothi.core.places.layers.urls")),
    path("<int:area_id>/", views.show_area, name="area"),
]
