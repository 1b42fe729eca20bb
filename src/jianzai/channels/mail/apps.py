from django.apps import AppConfig


class MailConfig(AppConfig):
    name = "jianzai.channels.mail"
    label = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.channels.online.offers import Offer, make_known
        from jianzai.console.ways import Page, Panel, add_page, add_panel
        from jianzai.registry.access import Permission

        from . import services  # noqa: F401  connects its receivers
        from .queries import papers_of, to_decide, under_way

        make_known(
            Offer(
                "mail.offer",
                "mail.offer_how",
                "mail.offer_link",
                "mail:start",
                under_way,
                rank=2,
                helpers=True,
            )
        )
        add_page(
            Page("mail.sheets", "mail-desk:sheets", Permission.REVIEW, lambda staff: to_decide(staff).count())
        )
        add_panel(Panel("mail/panel.html", papers_of, Permission.SEE_PEOPLE))
