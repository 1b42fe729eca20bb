"""What clerks type, checked before a service is asked."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import date

from django import forms
from django.utils.functional import lazy

from jianzai.benefits.errors import DespiteCertification
from jianzai.benefits.models import Death
from jianzai.clock import today
from jianzai.registry.models import Area, Staff
from jianzai.sentences import say

from .deeds import deeds

words = lazy(say, str)

LARGEST_ROSTER = 64 * 1024 * 1024
LARGEST_ACKNOWLEDGEMENT = 16 * 1024 * 1024


def _choices(kind: str, values) -> list[tuple[str, str]]:
    return [(str(value), words(f"console.{kind}_{value}")) for value in values]


class DateInput(forms.DateInput):
    """The browser's own date field, whatever the language."""

    input_type = "date"

    def __init__(self):
        super().__init__(format="%Y-%m-%d")


class MonthField(forms.CharField):
    """A month, YYYY-MM; typed where the browser has no month field."""

    widget = forms.TextInput(attrs={"type": "month", "placeholder": "YYYY-MM", "pattern": r"\d{4}-\d{2}"})

    def clean(self, value):
        value = super().clean(value)
        if value and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
            raise forms.ValidationError(say("console.month_form"))
        return value


class UploadField(forms.FileField):
    """A file of at most ``largest`` bytes; ``what_to_do`` is the sentence for a larger one."""

    what_to_do = "console.file_too_large"

    def __init__(self, *, largest: int, **options):
        self.largest = largest
        self.too_large = words(self.what_to_do, megabytes=f"{largest / 2**20:.2g}")
        super().__init__(**options)

    def widget_attrs(self, widget):
        told = {"data-largest": self.largest, "data-too-large": self.too_large}
        return {**super().widget_attrs(widget), **told}

    def clean(self, data, initial=None):
        file = super().clean(data, initial)
        if file and file.size > self.largest:
            raise forms.ValidationError(str(self.too_large))
        return file


class PictureField(UploadField):
    """A photograph or scan of something."""

    what_to_do = "console.picture_too_large"


class AreaField(forms.ModelChoiceField):
    """An area within the one of the member of staff. ``depth``: longest prefix offered, 6 for districts."""

    def __init__(self, **options):
        super().__init__(queryset=Area.objects.none(), empty_label=None, **options)

    def offer(self, staff: Staff, depth: int = 12) -> None:
        areas = Area.objects.filter(code__startswith=staff.area.prefix)
        self.queryset = areas.filter(code__endswith="0" * (12 - depth))
        self.initial = staff.area_id

    def label_from_instance(self, area: Area) -> str:
        return f"{area.prefix} {area.name}"


class SignInForm(forms.Form):
    username = forms.CharField(
        max_length=150,
        label=words("console.username"),
        widget=forms.TextInput(
            attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}
        ),
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        label=words("console.password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=20,
        label=words("console.code"),
        help_text=words("console.code_help"),
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "inputmode": "text"}
        ),
    )


class ConsentForm(forms.Form):
    """At the counter, before the camera: what the clerk saw, and the person's consent."""

    seen = forms.BooleanField(label=words("console.seen_person_and_card"))
    consent = forms.BooleanField(
        label=words("console.consent_given"), help_text=words("console.consent_help")
    )
    language = forms.ChoiceField(
        label=words("console.consent_language"), choices=_choices("language", ("zh", "en"))
    )
    slow = forms.BooleanField(
        required=False, label=words("console.slow"), help_text=words("console.slow_help")
    )
    revoke = forms.BooleanField(
        required=False, label=words("console.revoke_model"), help_text=words("console.revoke_model_help")
    )


class InPersonForm(forms.Form):
    document = forms.CharField(
        max_length=100, label=words("console.document"), help_text=words("console.document_help")
    )
    reason = forms.ChoiceField(
        label=words("console.why_without_face"),
        choices=_choices("without_face", ("cannot", "refuses", "no_camera", "failed", "other")),
    )
    note = forms.CharField(
        required=False, max_length=500, label=words("console.note"), widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self):
        if self.cleaned_data.get("reason") == "other" and not self.cleaned_data.get("note"):
            self.add_error("note", say("console.note_needed"))
        return self.cleaned_data


class DeathForm(forms.Form):
    died_on = forms.DateField(label=words("console.died_on"), widget=DateInput())
    document = forms.CharField(
        max_length=100, label=words("console.death_document"), help_text=words("console.death_document_help")
    )
    document_on = forms.DateField(label=words("console.death_document_on"), widget=DateInput())
    sure = forms.BooleanField(label=words("console.death_sure"))

    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        with suppress(ValueError):
            self._ask(date.fromisoformat(self.data.get("despite", "")))

    def carry_out(self, verb: Callable[..., Death]) -> Death:
        """Call ``verb`` with what was typed; where a certification is in the way, ask to confirm it."""
        typed = self.cleaned_data
        despite = date.fromisoformat(self.data["despite"]) if typed.get("despite") else None
        try:
            return verb(typed["died_on"], typed["document"], typed["document_on"], despite=despite)
        except DespiteCertification as asked:
            self._ask(asked.values["on"])
            raise

    def _ask(self, on: date) -> None:
        self.fields["despite"] = forms.BooleanField(
            required=False,
            label=say("console.death_despite", on=on),
            widget=forms.CheckboxInput(attrs={"value": on.isoformat()}),
        )

    def clean_died_on(self):
        died_on = self.cleaned_data["died_on"]
        if died_on > today():
            raise forms.ValidationError(say("console.date_in_future"))
        return died_on

    def clean_document_on(self):
        document_on, died_on = self.cleaned_data["document_on"], self.cleaned_data.get("died_on")
        if document_on > today():
            raise forms.ValidationError(say("console.date_in_future"))
        if died_on and document_on < died_on:
            raise forms.ValidationError(say("console.document_before_death"))
        return document_on


class ReasonForm(forms.Form):
    """A reason for something that can hardly be taken back."""

    reason = forms.CharField(
        max_length=300, label=words("console.reason"), widget=forms.Textarea(attrs={"rows": 2})
    )


class DecisionForm(forms.Form):
    """Approve or reject a case; ``finding`` says what was seen and how it was checked.

    ``seen`` is the case's ``shown`` on the page that was looked at.
    """

    seen = forms.CharField(required=False)
    decision = forms.ChoiceField(
        choices=_choices("decide", ("approve", "reject")), label=words("console.decision")
    )
    finding = forms.CharField(
        max_length=500,
        label=words("console.finding"),
        help_text=words("console.finding_help"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RosterForm(forms.Form):
    file = UploadField(
        label=words("console.roster_file"),
        help_text=words("console.roster_help"),
        largest=LARGEST_ROSTER,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class CycleForm(forms.Form):
    year = forms.IntegerField(label=words("console.year"), min_value=2000, max_value=2100)


class SweepForm(forms.Form):
    as_of = forms.DateField(label=words("console.as_of"), widget=DateInput())
    area = AreaField(label=words("console.area"))
    cap = forms.IntegerField(
        required=False, min_value=1, label=words("console.cap"), help_text=words("console.cap_help")
    )

    def __init__(self, *arguments, staff: Staff, **options):
        super().__init__(*arguments, **options)
        self.fields["area"].offer(staff, depth=6)
        self.fields["as_of"].initial = today


class OrderFilter(forms.Form):
    state = forms.ChoiceField(required=False, label=words("console.order_state"))
    kind = forms.ChoiceField(required=False, label=words("console.order_kind"))
    number = forms.CharField(required=False, max_length=30, label=words("console.personal_number"))

    def __init__(self, *arguments, states, kinds, **options):
        super().__init__(*arguments, **options)
        everything = [("", words("console.all"))]
        self.fields["state"].choices = everything + _choices("order", states)
        self.fields["kind"].choices = everything + _choices("order_kind", kinds)


class AcknowledgementForm(forms.Form):
    file = UploadField(
        label=words("console.acknowledgement_file"),
        help_text=words("console.acknowledgement_help"),
        largest=LARGEST_ACKNOWLEDGEMENT,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )


class CorrectionForm(forms.Form):
    effective_month = MonthField(
        required=False, label=words("console.effective_month"), help_text=words("console.correction_help")
    )


def _acts() -> list[tuple[str, str]]:
    return [("", words("console.all")), *((act, words(code)) for act, code in deeds().items())]


class AuditFilter(forms.Form):
    number = forms.CharField(required=False, max_length=30, label=words("console.personal_number"))
    actor = forms.CharField(required=False, max_length=200, label=words("console.actor"))
    act = forms.ChoiceField(required=False, label=words("console.act"), choices=_acts)


class StaffForm(forms.Form):
    name = forms.CharField(max_length=100, label=words("console.name"))
    role = forms.ChoiceField(label=words("console.role"), choices=_choices("role", Staff.Role.values))
    area = AreaField(label=words("console.area"))
    employer = forms.CharField(
        required=False,
        max_length=200,
        label=words("console.employer"),
        help_text=words("console.employer_help"),
    )

    def __init__(self, *arguments, staff: Staff, **options):
        super().__init__(*arguments, **options)
        self.fields["area"].offer(staff)


class NewStaffForm(StaffForm):
    username = forms.CharField(
        max_length=150, label=words("console.username"), widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        label=words("console.first_password"),
        help_text=words("console.first_password_help"),
        widget=forms.PasswordInput(render_value=True, attrs={"autocomplete": "new-password"}),
    )
    field_order = ("username", "name", "role", "area", "employer", "password")
