"""Addresses of this part."""

from django.urls import path, register_converter

from . import views


class LanguageConverter:
    """A language that sentences are recorded in."""

    regex = "zh|en"

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


register_converter(LanguageConverter, "speech_language")

app_name = "web"
urlpatterns = [
    path("language", views.language, name="language"),
    path("text-size", views.text_size, name="text-size"),
    path("speech/<speech_language:language>/<slug:key>.wav", views.speech, name="speech"),
]
