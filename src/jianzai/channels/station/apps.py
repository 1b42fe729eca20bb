from django.apps import AppConfig


class StationConfig(AppConfig):
    name = "jianzai.channels.station"
    label = "station"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.channels.online.helping import let_help
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.console.ways import Page, Panel, add_page, add_panel
        from jianzai.registry.access import Permission

        from . import services
        from .queries import asked_of, cards_of, helpers_of, panel_of, who_helps

        make_known(
            Offer("station.offer", "station.offer_how", "station.offer_link", "station:points", asked_of)
        )
        make_known(
            Offer(
                "station.help_offer",
                "station.help_offer_how",
                "station.help_offer_link",
                "station:helpers",
                who_helps,
            )
        )
        let_help(services.may_act, "station:help")
        add_page(Page("station.lists", "station-desk:lists", Permission.SIGN_LISTS))
        add_page(Page("station.card", "station-desk:card-read", Permission.CERTIFY_IN_PERSON))
        add_page(Page("station.desk_points", "station-desk:points", Permission.MANAGE_POINTS))
        add_page(Page("station.unusual", "station-desk:unusual", Permission.SEE_UNUSUAL))
        add_panel(Panel("station/panel.html", panel_of, Permission.SEE_PEOPLE))
        add_panel(Panel("station/cards_panel.html", cards_of, Permission.SEE_PEOPLE))
        add_panel(Panel("station/helpers_panel.html", helpers_of, Permission.SEE_PEOPLE))
