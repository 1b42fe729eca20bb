"""The clerks' pages of forms by post."""

from django.urls import path

from .views import desk, review

app_name = "mail-desk"
urlpatterns = [
    path("", desk.sheets, name="sheets"),
    path("arrive", desk.arrive, name="arrive"),
    path("arrive/<uuid:key>", desk.arrive_for, name="arrive-for"),
    path("print/<uuid:key>", desk.print_form, name="print"),
    path("to-post/<uuid:key>", desk.ask_to_post, name="to-post"),
    path("posting", desk.posting, name="posting"),
    path("posting/again", desk.again, name="again"),
    path("posting/print", desk.post, name="post"),
    path("posting/<int:number>.pdf", desk.posting_file, name="posting-file"),
    path("empty", desk.empty, name="empty"),
    path("<int:number>", review.sheet, name="sheet"),
    path("<int:number>/pages/<int:page>", review.page, name="page"),
    path("<int:number>/pages/<int:page>/turn", review.turn, name="turn"),
    path("<int:number>/being-read", review.being_read, name="being-read"),
    path("<int:number>/accept", review.accept, name="accept"),
    path("<int:number>/reject", review.reject, name="reject"),
    path("<int:number>/report", review.report, name="report"),
    path("<int:number>/find", review.find, name="find"),
    path("<int:number>/seen-to", review.seen_to, name="seen-to"),
]
