from django.apps import AppConfig


class StationConfig(AppConfig):
    name = "jianzai.channels.station"
    label = "station"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.console.ways import Page, add_page
        from jianzai.registry.access import Permission

        make_known(Offer("station.offer", "station.offer_how", "station.offer_link", "station:points"))
        add_page(Page("station.desk_points", "station-desk:points", Permission.MANAGE_POINTS))
