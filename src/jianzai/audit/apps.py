from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "jianzai.audit"
    label = "audit"
