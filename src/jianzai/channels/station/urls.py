"""The retiree's pages of stations."""

from django.urls import path

from .views import site

app_name = "station"
urlpatterns = [path("", site.points, name="points")]
