"""The clerks' pages of other offices' records."""

from django.urls import path

from .views import desk, sources

app_name = "matching-desk"
urlpatterns = [
    path("cases", desk.cases, name="cases"),
    path("cases/<int:number>", desk.case, name="case"),
    path("cases/<int:number>/answer", desk.answer, name="answer"),
    path("cases/<int:number>/death", desk.death, name="death"),
    path("people/<uuid:key>/object", desk.object_, name="object"),
    path("sources", sources.sources, name="sources"),
    path("sources/<int:number>", sources.source, name="source"),
    path("sources/<int:number>/files", sources.upload, name="upload"),
    path("sources/<int:number>/example", sources.example, name="example"),
    path("files/<uuid:key>", sources.file, name="file"),
    path("files/<uuid:key>/problems", sources.problems, name="problems"),
    path("files/<uuid:key>/records/<str:match>", sources.brought, name="brought"),
]
