from django.apps import AppConfig


class MatchingConfig(AppConfig):
    name = "jianzai.channels.matching"
    label = "matching"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.api.ways import add_routes
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.console.ways import Page, Panel, add_page, add_panel
        from jianzai.registry.access import Permission

        from . import services  # noqa: F401  connects its receivers
        from .api import router
        from .queries import open_cases, records_of, under_way

        make_known(
            Offer(
                "matching.offer",
                "matching.offer_how",
                "matching.offer_link",
                "matching:records",
                under_way,
                rank=2,
            )
        )
        add_routes(router)
        add_page(
            Page(
                "matching.cases",
                "matching-desk:cases",
                Permission.REVIEW,
                lambda staff: open_cases(staff).count(),
            )
        )
        add_page(Page("matching.sources", "matching-desk:sources", Permission.MANAGE_SOURCES))
        add_panel(Panel("matching/panel.html", records_of, Permission.SEE_PEOPLE))
