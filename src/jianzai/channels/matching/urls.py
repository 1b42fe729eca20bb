"""The retiree's pages of other offices' records."""

from django.urls import path

from .views import site

app_name = "matching"
urlpatterns = [
    path("", site.records_page, name="records"),
    path("object", site.object_, name="object"),
]
