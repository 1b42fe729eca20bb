from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "jianzai.api"
    label = "api"
