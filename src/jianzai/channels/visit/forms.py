"""What is typed about a home visit, by the person, by who asks for them, and by clerks."""

from __future__ import annotations

import re

from django import forms
from django.utils.functional import lazy

from jianzai.console.forms import AreaField, DateInput, PictureField
from jianzai.registry.models import Staff
from jianzai.sentences import say

from .models import Appointment, Contact, HomeVisit, Team
from .queries import officers_for, teams_for
from .services import Request

words = lazy(say, str)

LARGEST_PHOTOGRAPH = 8 * 1024 * 1024


def _choices(kind: str, values) -> list[tuple[str, str]]:
    return [(str(value), words(f"visit.{kind}_{value}")) for value in values]


_CHOOSE = ("", words("visit.choose"))
"""What stands in a question that nothing answers beforehand."""


class ContactForm(forms.Form):
    """Where the team goes, and whom it rings."""

    address = forms.CharField(
        max_length=300,
        label=words("visit.address"),
        help_text=words("visit.address_help"),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    phone = forms.CharField(
        max_length=40,
        label=words("visit.phone"),
        help_text=words("visit.phone_help"),
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def clean_phone(self):
        phone = self.cleaned_data["phone"].strip()
        if not re.fullmatch(r"[\d+()\s-]+", phone) or len(re.sub(r"\D", "", phone)) < 7:
            raise forms.ValidationError(say("visit.phone_unreadable"))
        return phone

    def contact(self) -> Contact:
        """What was typed, once the form is valid."""
        return Contact(self.cleaned_data["address"], self.cleaned_data["phone"])


class RequestForm(ContactForm):
    """Four questions; the same on the site and at the counter."""

    relation = forms.ChoiceField(
        label=words("visit.relation"), choices=[_CHOOSE, *_choices("relation", HomeVisit.Relation.values)]
    )
    reason = forms.ChoiceField(
        label=words("visit.reason"), choices=[_CHOOSE, *_choices("reason", HomeVisit.Reason.values)]
    )
    field_order = ("relation", "reason")

    def request(self) -> Request:
        """What was asked for, once the form is valid."""
        typed = self.cleaned_data
        return Request(typed["relation"], typed["reason"], self.contact())


class DeskRequestForm(RequestForm):
    """The same four questions, as a clerk asks them of somebody who rang or came."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["relation"].label = words("visit.asked_by")
        self.fields["reason"].label = words("visit.sheet_reason")
        self.fields["address"].label = words("visit.sheet_address")
        self.fields["phone"].label = words("visit.sheet_phone")
        self.fields["relation"].choices = [_CHOOSE, *_choices("asked", HomeVisit.Relation.values)]


class DeskContactForm(ContactForm):
    """The same, as a clerk reads it."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["address"].label = words("visit.sheet_address")
        self.fields["phone"].label = words("visit.sheet_phone")


class BookForm(forms.Form):
    """A half day of one of the teams that go to where the person lives."""

    team = forms.ModelChoiceField(queryset=Team.objects.none(), empty_label=None, label=words("visit.team"))
    day = forms.DateField(label=words("visit.day"), widget=DateInput())
    half = forms.ChoiceField(label=words("visit.half"), choices=_choices("half", Appointment.Half.values))

    def __init__(self, *arguments, visit: HomeVisit, **options):
        super().__init__(*arguments, **options)
        self.fields["team"].queryset = Team.objects.filter(
            pk__in=[team.pk for team in teams_for(visit.person)]
        )


class _OfficerField(forms.ModelChoiceField):
    def __init__(self, **options):
        super().__init__(queryset=Staff.objects.none(), **options)

    def label_from_instance(self, staff: Staff) -> str:
        return f"{staff.name} ({staff.user.get_username()})"


class MeetingForm(forms.Form):
    """The person was met at home by ``staff``, who tells it, and a second officer, who signs it."""

    second = _OfficerField(
        label=words("visit.second_officer"), help_text=words("visit.second_officer_help"), empty_label="—"
    )
    document = forms.CharField(
        max_length=100, label=words("visit.document"), help_text=words("visit.document_help")
    )
    photograph = PictureField(
        required=False,
        label=words("visit.photograph"),
        help_text=words("visit.photograph_help"),
        largest=LARGEST_PHOTOGRAPH,
        widget=forms.FileInput(attrs={"accept": "image/jpeg"}),
    )
    photograph_consent = forms.ChoiceField(
        required=False,
        label=words("visit.photograph_consent"),
        choices=[
            ("", words("visit.photograph_none")),
            *_choices("photograph_consent", HomeVisit.PhotographConsent.values),
        ],
    )
    note = forms.CharField(
        required=False, max_length=500, label=words("visit.note"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *arguments, visit: HomeVisit, staff: Staff, **options):
        super().__init__(*arguments, **options)
        others = [each.pk for each in officers_for(visit.person) if each != staff]
        people = Staff.objects.filter(pk__in=others).select_related("user")
        self.fields["second"].queryset = people.order_by("name", "id")


class NotMetForm(forms.Form):
    """The person was not met."""

    found = forms.ChoiceField(
        label=words("visit.found"),
        choices=_choices("found", ("nobody", "dead", "moved", "missing")),
        widget=forms.RadioSelect,
    )
    finding = forms.CharField(
        required=False, max_length=500, label=words("visit.finding"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self):
        typed = self.cleaned_data
        if typed.get("found") not in (None, "nobody") and not typed.get("finding", "").strip():
            self.add_error("finding", say("visit.reason_missing"))
        return typed


class TeamForm(forms.Form):
    name = forms.CharField(max_length=60, label=words("visit.team_name"))
    area = AreaField(label=words("visit.team_area"))
    capacity = forms.IntegerField(
        min_value=1,
        max_value=12,
        initial=4,
        label=words("visit.capacity"),
        help_text=words("visit.capacity_help"),
    )
    active = forms.BooleanField(required=False, initial=True, label=words("visit.team_active"))

    def __init__(self, *arguments, staff: Staff, **options):
        super().__init__(*arguments, **options)
        self.fields["area"].offer(staff)
