"""Addresses of this part."""

app_name = "web"
urlpatterns = []
