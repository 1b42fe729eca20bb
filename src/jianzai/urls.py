"""Where each part of the site hangs."""

from django.urls import include, path

urlpatterns = [
    path("", include("jianzai.web.urls")),
    path("", include("jianzai.operations.urls")),
    path("", include("jianzai.channels.online.urls")),
    path("console/", include("jianzai.console.urls")),
    path("demo/", include("jianzai.demo.urls")),
    path("api/v1/", include("jianzai.api.urls")),
]
