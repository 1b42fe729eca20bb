"""The clerks' pages of home visits."""

from django.urls import path

from .views import desk, outcome, teams

app_name = "visit-desk"
urlpatterns = [
    path("", desk.planning, name="planning"),
    path("request/<uuid:key>", desk.request_for, name="request"),
    path("<int:number>", desk.visit, name="visit"),
    path("<int:number>/book", desk.book, name="book"),
    path("<int:number>/contact", desk.contact, name="contact"),
    path("<int:number>/cancel", desk.cancel, name="cancel"),
    path("<int:number>/outcome", outcome.outcome, name="outcome"),
    path("<int:number>/met", outcome.met, name="met"),
    path("<int:number>/sign", outcome.sign, name="sign"),
    path("<int:number>/deny", outcome.deny, name="deny"),
    path("<int:number>/retract", outcome.retract, name="retract"),
    path("<int:number>/not-met", outcome.not_met, name="not-met"),
    path("<int:number>/photograph", outcome.photograph, name="photograph"),
    path("<int:number>/photograph/delete", outcome.delete_photograph, name="photograph-delete"),
    path("sheet/<int:team>/<str:day>.pdf", desk.sheet, name="sheet"),
    path("calendar/<int:team>/<str:day>.ics", desk.calendar, name="calendar"),
    path("teams", teams.teams, name="teams"),
    path("teams/<int:number>", teams.team, name="team"),
]
