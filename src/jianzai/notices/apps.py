from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "jianzai.notices"
    label = "notices"
