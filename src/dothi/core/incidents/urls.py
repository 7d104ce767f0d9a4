"""Addresses of the pages of work orders: /work-orders/ at a desk, /crew/ on the street."""

from django.urls import path

from dothi.core.incidents import views

app_name = "incidents"
urlpatterns = [
    path("work-orders/", views.show_queue, name="queue"),
    path("work-orders/new/", views.issue_order, name="new"),
    path("work-orders/<int:order_id>/", views.show_order, name="order"),
    path("work-orders/<int:order_id>/photos/<slug:digest>.jpg", views.show_photo, name="photo"),
    *(path(f"work-orders/<int:order_id>/{deed.value}/", view, name=deed.value) for deed, view in views.DEEDS.items()),
    path("crew/", views.show_crew, name="crew"),
    path("crew/<int:order_id>/", views.show_crew_order, name="crew-order"),
]
