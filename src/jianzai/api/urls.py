"""The API for payers and other systems."""

from django.urls import path
from ninja import NinjaAPI

from jianzai import __version__
from jianzai.api import exchange, people
from jianzai.api.errors import install
from jianzai.api.reference import reference
from jianzai.api.ways import routers

api = NinjaAPI(
    title="jianzai",
    version=__version__,
    urls_namespace="api",
    description="Certification for pension payers: who is certified, what to pay, whom to pause.",
    docs_url=None,
)
install(api)
api.add_router("", people.router)
api.add_router("", exchange.router)
for each in routers():
    api.add_router("", each)

urlpatterns = [path("docs", reference, {"api": api}, name="api-reference"), path("", api.urls)]
