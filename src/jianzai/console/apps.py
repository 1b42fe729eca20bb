from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "jianzai.console"
    label = "console"
