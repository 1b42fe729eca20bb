from django.apps import AppConfig


class VisitConfig(AppConfig):
    name = "jianzai.channels.visit"
    label = "visit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.api.ways import add_routes
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.console.ways import Page, Panel, add_page, add_panel
        from jianzai.offline.forms import OfflineForm, add_form
        from jianzai.registry.access import Permission

        from . import (
            offline,
            services,  # noqa: F401  connects its receivers
        )
        from .api import router
        from .queries import under_way, visits_of, waiting

        make_known(
            Offer(
                "visit.offer", "visit.offer_how", "visit.offer_link", "visit:visit", under_way, helpers=True
            )
        )
        add_routes(router)
        add_form(
            OfflineForm(
                name="visit",
                title="visit.offline_title",
                template="visit/offline.html",
                context=offline.on_the_device,
                take=offline.take,
                lists=offline.lists,
                entries=offline.entries,
                receipt="visit.offline_receipt",
            )
        )
        add_page(Page("visit.planning", "visit-desk:planning", Permission.CERTIFY_IN_PERSON, waiting))
        add_panel(Panel("visit/panel.html", visits_of, Permission.SEE_PEOPLE))
