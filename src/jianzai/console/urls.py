"""Addresses of this part."""

app_name = "console"
urlpatterns = []
