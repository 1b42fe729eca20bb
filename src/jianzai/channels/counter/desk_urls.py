"""The clerks' pages of what was received without a network."""

from django.urls import path

from . import views

app_name = "counter-desk"
urlpatterns = [
    path("", views.received, name="received"),
    path("<int:number>", views.one, name="one"),
    path("<int:number>/pictures/<int:place>", views.picture, name="picture"),
]
