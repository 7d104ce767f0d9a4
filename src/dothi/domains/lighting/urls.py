"""Addresses of lighting's pages, under /lighting/."""

from django.urls import path

from dothi.domains.lighting import views
from dothi.domains.lighting.views import schedules

app_name = "lighting"
urlpatterns = [
    path("", views.list_lamps, name="lamps"),
    path("schedules/", schedules.list_schedules, name="schedules"),
    path("schedules/new/", schedules.create_schedule, name="schedule-new"),
    path("schedules/<int:schedule_id>/", schedules.edit_schedule, name="schedule"),
    path("schedules/<int:schedule_id>/delete/", schedules.delete_schedule, name="schedule-delete"),
    path("schedules/assign/", schedules.assign_schedule, name="schedule-assign"),
    path("schedules/assignments/<int:assignment_id>/delete/", schedules.delete_assignment, name="assignment-delete"),
    path("schedules/exceptions/new/", schedules.create_exception, name="exception-new"),
    path("schedules/exceptions/<int:exception_id>/delete/", schedules.delete_exception, name="exception-delete"),
]
