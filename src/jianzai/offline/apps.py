from django.apps import AppConfig


class OfflineConfig(AppConfig):
    name = "jianzai.offline"
    label = "offline"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.console.ways import Page, add_page
        from jianzai.registry.access import Permission

        from . import services  # noqa: F401  connects its receivers

        add_page(Page("offline.title", "offline:page", Permission.CERTIFY_IN_PERSON))
