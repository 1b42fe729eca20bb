from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "jianzai.benefits"
    label = "benefits"

    def ready(self):
        from jianzai.benefits import services  # noqa: F401  connects the receiver of ``certified``
