"""The pages of whoever sends a form."""

from django.urls import path

from .views import site

app_name = "mail"
urlpatterns = [
    path("", site.start, name="start"),
    path("status", site.status, name="status"),
    path("form/<slug:kind>", site.form, name="form"),
]
