"""The retiree's pages of home visits."""

from django.urls import path

from .views import site

app_name = "visit"
urlpatterns = [
    path("", site.visit, name="visit"),
    path("open", site.unlock, name="unlock"),
    path("contact", site.contact, name="contact"),
    path("move", site.move, name="move"),
    path("cancel", site.cancel, name="cancel"),
    path("appointment.ics", site.calendar, name="calendar"),
]
