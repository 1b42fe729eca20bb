"""Addresses of the guidance."""

from django.urls import path

from . import views
from .rules import GUIDES

app_name = "guidance"
urlpatterns = [
    path("", views.guide, name="guide"),
    path("family", views.family, name="family"),
    *(path(way, views.guide_to, {"way": way}, name=way) for way, guide in GUIDES.items() if guide.optional),
]
