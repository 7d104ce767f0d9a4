"""Addresses of the pages of people, under /people/."""

from django.urls import path

from dothi.core.accounts.views import departments, invitations, people

app_name = "people"
urlpatterns = [
    path("", people.list_people, name="list"),
    path("<int:user_id>/", people.show_person, name="person"),
    path("<int:user_id>/details/", people.edit_details, name="details"),
    path("<int:user_id>/grants/add/", people.add_grant, name="grant-add"),
    path("<int:user_id>/grants/remove/", people.remove_grant, name="grant-remove"),
    path("<int:user_id>/deactivate/", people.deactivate, name="deactivate"),
    path("<int:user_id>/activate/", people.activate, name="activate"),
    path("<int:user_id>/sign-out/", people.sign_out, name="sign-out"),
    path("<int:user_id>/second-step/", people.remove_second_step, name="second-step"),
    path("<int:user_id>/erase/", people.erase, name="erase"),
    path("invitations/", invitations.invitations, name="invitations"),
    path("invitations/<int:number>/withdraw/", invitations.withdraw, name="withdraw"),
    path("departments/", departments.show_tree, name="departments"),
    path("departments/new/", departments.create, name="department-new"),
    path("departments/<slug:code>/", departments.edit, name="department"),
    path("departments/<slug:code>/delete/", departments.delete, name="department-delete"),
]
