from django.apps import AppConfig


class BenefitsConfig(AppConfig):
    name = "jianzai.benefits"
    label = "benefits"
