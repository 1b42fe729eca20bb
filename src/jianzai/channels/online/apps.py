from django.apps import AppConfig


class OnlineConfig(AppConfig):
    name = "jianzai.channels.online"
    label = "online"
    default_auto_field = "django.db.models.BigAutoField"
