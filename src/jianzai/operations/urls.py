"""Health checks for whoever runs the site."""

from django.urls import path

from jianzai.operations import health

app_name = "operations"
urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
