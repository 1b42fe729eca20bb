"""The clerks' pages of stations and former employers."""

from django.urls import path

from .views import points

app_name = "station-desk"
urlpatterns = [
    path("points", points.points, name="points"),
    path("points/<int:number>", points.point, name="point"),
]
