from django.apps import AppConfig


class FingerprintConfig(AppConfig):
    name = "jianzai.channels.fingerprint"
    label = "fingerprint"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.console.ways import Panel, add_panel
        from jianzai.registry.access import Permission

        from . import services  # noqa: F401  connects its receivers
        from .queries import prints_of
        from .reading import enabled

        # Nothing of it begins at home: it leads to its guide.
        make_known(
            Offer(
                "fingerprint.offer",
                "fingerprint.offer_how",
                "fingerprint.offer_link",
                "guidance:fingerprint",
                rank=2,
                is_open=enabled,
            )
        )
        add_panel(Panel("fingerprint/panel.html", prints_of, Permission.SEE_PEOPLE))
