"""Health checks for whoever runs the site."""

app_name = "operations"
urlpatterns = []
