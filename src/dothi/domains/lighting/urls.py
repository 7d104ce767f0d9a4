"""Addresses of lighting's pages, under /lighting/."""

from django.urls import path

from dothi.domains.lighting.views import commands, energy, overview, places, schedules, tariffs

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
    path("energy/", energy.show_report, name="energy"),
    path("energy/report.csv", energy.download_table, name="energy-table"),
    path("energy/report.pdf", energy.download_document, name="energy-document"),
    path("energy/make/", energy.ask_for_report, name="energy-make"),
    path("energy/streets/<path:slug>/", energy.show_street, name="energy-street"),
    path("energy/tariffs/", tariffs.list_tariffs, name="tariffs"),
    path("energy/tariffs/add/", tariffs.add_tariff, name="tariff-add"),
    path("energy/baselines/add/", tariffs.add_baseline, name="baseline-add"),
    path("schedules/", schedules.list_schedules, name="schedules"),
    path("schedules/new/", schedules.create_schedule, name="schedule-new"),
    path("schedules/<int:schedule_id>/", schedules.edit_schedule, name="schedule"),
    path("schedules/<int:schedule_id>/delete/", schedules.delete_schedule, name="schedule-delete"),
    path("schedules/assign/", schedules.assign_schedule, name="schedule-assign"),
    path("schedules/assignments/<int:assignment_id>/delete/", schedules.delete_assignment, name="assignment-delete"),
    path("schedules/exceptions/new/", schedules.create_exception, name="exception-new"),
    path("schedules/exceptions/<int:exception_id>/delete/", schedules.delete_exception, name="exception-delete"),
]
