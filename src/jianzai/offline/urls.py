"""Addresses of the page that works without a network; its service worker sees to nothing outside of them."""

from django.urls import path

from . import views

app_name = "offline"
urlpatterns = [
    path("", views.page, name="page"),
    path("worker.js", views.worker, name="worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("keys", views.keys, name="keys"),
    path("lists", views.lists, name="lists"),
    path("items", views.items, name="items"),
]
