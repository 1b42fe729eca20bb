from django.apps import AppConfig


class CertificationConfig(AppConfig):
    name = "jianzai.certification"
    label = "certification"
