"""The clerks' pages of stations, and those of former employers."""

from django.urls import path

from .views import cards, helpers, lists, points, unusual

app_name = "station-desk"
urlpatterns = [
    path("lists", lists.lists, name="lists"),
    path("lists/new", lists.new, name="list-new"),
    path("lists/<int:number>", lists.seen_list, name="list"),
    path("lists/<int:number>/sign", lists.sign, name="list-sign"),
    path("lists/<int:number>/withdraw", lists.withdraw, name="list-withdraw"),
    path("samples/<int:number>/met", lists.met, name="met"),
    path("people/<uuid:key>/helpers/new", helpers.new, name="helper-new"),
    path("helpers/<int:number>/end", helpers.end, name="helper-end"),
    path("card", cards.read, name="card-read"),
    path("people/<uuid:key>/card", cards.read, name="card-of"),
    path("card/<int:number>", cards.card, name="card"),
    path("card/<int:number>/correct", cards.correct, name="card-correct"),
    path("card/<int:number>/person", cards.choose, name="card-person"),
    path("card/<int:number>/decide", cards.decide, name="card-decide"),
    path("unusual", unusual.unusual, name="unusual"),
    path("points", points.points, name="points"),
    path("points/<int:number>", points.point, name="point"),
]
