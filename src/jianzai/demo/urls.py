"""The demo's own pages."""

from django.urls import path

from jianzai.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.start, name="start"),
    path("replay", views.replay, name="replay"),
    path("replay/begin", views.begin_replay, name="begin-replay"),
    path("clips/<slug:name>.json", views.clip_table, name="clip-table"),
    path("clips/<slug:name>.mp4", views.clip, name="clip"),
    path("card-<slug:side>.jpg", views.card, name="card"),
    path("finger.png", views.finger, name="finger"),
    path("date", views.move_date, name="date"),
]
