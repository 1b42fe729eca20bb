"""What a counter asks without a network, and what a clerk decides about it."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy

from jianzai.certification.consent_text import consent_text
from jianzai.registry.access import within
from jianzai.registry.models import Beneficiary, Staff
from jianzai.registry.people import identity_lookup
from jianzai.sentences import language, say

words = lazy(say, str)


def on_the_device() -> dict:
    """What fills the form in that lies on the device."""
    return {"sections": consent_text(language())}


class DecisionForm(forms.Form):
    """Whether what was received shows that the person was there, and why."""

    decision = forms.ChoiceField(
        label=words("counter.decision"),
        choices=[(name, words(f"counter.decision_{name}")) for name in ("accept", "refuse")],
        widget=forms.RadioSelect,
    )
    number = forms.CharField(
        required=False, max_length=30, label=words("counter.whom"), help_text=words("counter.whom_help")
    )
    finding = forms.CharField(
        max_length=500, label=words("counter.finding"), widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *arguments, staff: Staff, known: bool, **options):
        super().__init__(*arguments, **options)
        self.staff = staff
        if known:
            del self.fields["number"]

    def clean_number(self) -> Beneficiary | None:
        """The person of the clerk's area whose personal or identity number was typed."""
        number = self.cleaned_data["number"].strip()
        if not number:
            return None
        people = within(self.staff, Beneficiary.objects.select_related("area"))
        found = people.filter(personal_number=number).first()
        found = found or people.filter(identity_lookup=identity_lookup(number)).first()
        if found is None:
            raise forms.ValidationError(say("counter.whom_unknown"))
        return found
