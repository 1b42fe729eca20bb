from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "jianzai.operations"
    label = "operations"
