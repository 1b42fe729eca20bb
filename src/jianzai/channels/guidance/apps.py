from django.apps import AppConfig


class GuidanceConfig(AppConfig):
    name = "jianzai.channels.guidance"
    label = "guidance"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.web.speech import add_spoken

        from .aloud import spoken_guides

        make_known(Offer("guidance.title", "guidance.how", "guidance.begin", "guidance:guide", rank=0))
        add_spoken(spoken_guides)
