"""The API for payers and other systems."""

urlpatterns = []
