"""Addresses of this part."""

from django.urls import path

from . import views

app_name = "web"
urlpatterns = [
    path("language", views.language, name="language"),
    path("text-size", views.text_size, name="text-size"),
]
