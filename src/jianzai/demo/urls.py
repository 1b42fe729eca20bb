"""Addresses of this part."""

app_name = "demo"
urlpatterns = []
