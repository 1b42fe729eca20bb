"""The retiree's pages of stations, and those of who helps them."""

from django.urls import path

from .views import helpers, site

app_name = "station"
urlpatterns = [
    path("", site.points, name="points"),
    path("help", helpers.enter, name="help"),
    path("helpers", helpers.own, name="helpers"),
    path("helpers/<int:number>/end", helpers.end_own, name="helper-end"),
]
