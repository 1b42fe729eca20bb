"""Addresses of the retiree's site."""

from django.urls import path

from .views import capture, private, public, visit

app_name = "online"
urlpatterns = [
    path("", public.home, name="home"),
    path("ways", public.ways, name="ways"),
    path("check", public.check, name="check"),
    path("check/<str:serial>/<str:token>", public.check, name="check"),
    path("sign-in", visit.sign_in, name="sign-in"),
    path("sign-out", visit.sign_out, name="sign-out"),
    path("me", visit.person, name="person"),
    path("consent", visit.consent, name="consent"),
    path("options", visit.options, name="options"),
    path("cannot", visit.cannot, name="cannot"),
    path("refused", visit.refused, name="refused"),
    path("referred", visit.referred, name="referred"),
    path("model", visit.model, name="model"),
    path("capture", capture.start, name="start"),
    path("capture/<uuid:capture_id>", capture.page, name="capture"),
    path("capture/<uuid:capture_id>/batch", capture.batch, name="batch"),
    path("capture/<uuid:capture_id>/reopen", capture.reopen, name="reopen"),
    path("capture/<uuid:capture_id>/result", capture.result, name="result"),
    path("capture/<uuid:capture_id>/second", capture.second_clip, name="second-clip"),
    path("me/face", visit.face, name="face"),
    path("me/history", private.history, name="history"),
    path("me/certificate/<str:serial>", private.certificate, name="certificate"),
    path("me/consent", private.withdraw, name="withdraw"),
    path("me/consent/newer", private.newer_text, name="newer-text"),
    path("me/withdrawn", private.withdrawn, name="withdrawn"),
]
