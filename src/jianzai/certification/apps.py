from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "jianzai.certification"
    label = "certification"

    def ready(self):
        from jianzai.certification import services  # noqa: F401  connects the receiver of ``replaced``
