"""Addresses of the pages of alarms, under /alarms/."""

from django.urls import path

from dothi.core.alarms import views

app_name = "alarms"
urlpatterns = [
    path("", views.show_queue, name="queue"),
    path("acknowledge/", views.acknowledge_many, name="acknowledge-many"),
    path("<int:alarm_id>/", views.show_alarm, name="alarm"),
    path("<int:alarm_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<int:alarm_id>/shelve/", views.shelve, name="shelve"),
    path("<int:alarm_id>/unshelve/", views.unshelve, name="unshelve"),
    path("<int:alarm_id>/remove/", views.remove_from_service, name="remove"),
    path("<int:alarm_id>/return/", views.return_to_service, name="return"),
]
