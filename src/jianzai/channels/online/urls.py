"""Addresses of the retiree's page."""

app_name = "online"
urlpatterns = []
