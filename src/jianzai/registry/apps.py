from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "jianzai.registry"
    label = "registry"
