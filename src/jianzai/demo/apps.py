from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "jianzai.demo"
    label = "demo"
