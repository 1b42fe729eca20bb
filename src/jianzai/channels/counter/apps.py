from django.apps import AppConfig


class CounterConfig(AppConfig):
    name = "jianzai.channels.counter"
    label = "counter"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from jianzai.console.ways import Page, Panel, add_page, add_panel
        from jianzai.offline.forms import OfflineForm, add_form
        from jianzai.registry.access import Permission

        from . import services
        from .forms import on_the_device
        from .queries import panel_of, waiting

        add_form(
            OfflineForm(
                name="counter",
                title="counter.form_title",
                template="counter/form.html",
                context=on_the_device,
                take=services.take,
                judge=services.judge_arrival,
            )
        )
        add_page(Page("counter.received", "counter-desk:received", Permission.REVIEW, waiting))
        add_panel(Panel("counter/panel.html", panel_of, Permission.SEE_PEOPLE))
