from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jianzai.web"
    label = "web"
