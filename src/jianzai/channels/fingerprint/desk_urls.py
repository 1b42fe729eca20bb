"""The clerks' pages of fingerprints."""

from django.urls import path

from . import views

app_name = "fingerprint-desk"
urlpatterns = [
    path("<uuid:key>", views.fingers, name="fingers"),
    path("<uuid:key>/enrol", views.enrol, name="enrol"),
    path("<uuid:key>/verify", views.verify, name="verify"),
    path("<uuid:key>/withdraw", views.withdraw, name="withdraw"),
]
