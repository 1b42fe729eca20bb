"""Addresses of the guidance."""

from django.urls import path

from . import views

app_name = "guidance"
urlpatterns = [path("", views.guide, name="guide")]
