from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "jianzai.notices"
    label = "notices"

    def ready(self):
        from jianzai.notices import receivers  # noqa: F401  connects them
