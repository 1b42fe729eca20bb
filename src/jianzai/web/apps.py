from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "jianzai.web"
    label = "web"

    def ready(self):
        from .camera import spoken_sentences
        from .speech import add_spoken

        add_spoken(spoken_sentences)
