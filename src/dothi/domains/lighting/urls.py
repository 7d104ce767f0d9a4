"""Addresses of lighting's pages, under /lighting/."""

from django.urls import path

from dothi.domains.lighting.views import commands, overview, places, schedules

app_name = "lighting"
urlpatterns = [
    path("", overview.show_overview, name="overview"),
    path("days/", overview.show_days, name="days"),
    path("days.json", overview.draw_days, name="days-drawing"),
    path("streets/<path:slug>/", places.show_street, name="street"),
    path("lamps/<int:lamp_id>/", places.show_lamp, name="lamp"),
    path("cabinets/<int:cabinet_id>/", places.show_cabinet, name="cabinet"),
    path("commands/", commands.list_commands, name="commands"),
    path("commands/give/", commands.give_command, name="command-give"),
    path("commands/<int:group>/", commands.show_command, name="command"),
    path("schedules/", schedules.list_schedules, name="schedules"),
    path("schedules/new/", schedules.create_schedule, name="schedule-new"),
    path("schedules/<int:schedule_id>/", schedules.edit_schedule, name="schedule"),
    path("schedules/<int:schedule_id>/delete/", schedules.delete_schedule, name="schedule-delete"),
    path("schedules/assign/", schedules.assign_schedule, name="schedule-assign"),
    path("schedules/assignments/<int:assignment_id>/delete/", schedules.delete_assignment, name="assignment-delete"),
    path("schedules/exceptions/new/", schedules.create_exception, name="exception-new"),
    path("schedules/exceptions/<int:exception_id>/delete/", schedules.delete_exception, name="exception-delete"),
]
