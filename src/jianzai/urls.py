"""Where each part of the site hangs."""

from django.urls import include, path

from jianzai.channels.ways import SITE, ways

urlpatterns = [
    path("", include("jianzai.web.urls")),
    path("", include("jianzai.operations.urls")),
    path("console/", include("jianzai.console.urls")),
    path("console/offline/", include("jianzai.offline.urls")),
    *(
        path("" if way == SITE else f"{way}/", include(f"jianzai.channels.{way}.urls"))
        for way in ways("urls")
    ),
    *(path(f"console/{way}/", include(f"jianzai.channels.{way}.desk_urls")) for way in ways("desk_urls")),
    path("demo/", include("jianzai.demo.urls")),
    path("api/v1/", include("jianzai.api.urls")),
]

handler400 = "jianzai.web.errors.bad_request"
handler403 = "jianzai.web.errors.permission_denied"
handler404 = "jianzai.web.errors.not_found"
handler500 = "jianzai.web.errors.server_error"
