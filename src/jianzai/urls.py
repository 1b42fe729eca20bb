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

handler400 = "jianzai.web.errors.bad_request"
handler403 = "jianzai.web.errors.permission_denied"
handler404 = "jianzai.web.errors.not_found"
handler500 = "jianzai.web.errors.server_error"
