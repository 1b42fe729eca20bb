"""What a clerk gives of a finger: whose, which, a file, and what was seen of the person."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy

from jianzai.console.forms import PictureField
from jianzai.sentences import say

from .models import Fingerprint
from .reading import LARGEST_FILE

words = lazy(say, str)


def _print() -> PictureField:
    return PictureField(
        label=words("fingerprint.file"),
        help_text=words("fingerprint.file_help"),
        largest=LARGEST_FILE,
        widget=forms.FileInput(attrs={"accept": "image/png,image/bmp,image/jpeg"}),
    )


class EnrolForm(forms.Form):
    finger = forms.TypedChoiceField(
        coerce=int,
        label=words("fingerprint.finger"),
        choices=[(each.value, words(f"fingerprint.finger_{each.value}")) for each in Fingerprint.Finger],
        initial=Fingerprint.Finger.RIGHT_INDEX.value,
    )
    print = _print()
    agreed = forms.BooleanField(required=False, label=words("fingerprint.agreed"))


class VerifyForm(forms.Form):
    print = _print()
    document = forms.CharField(
        max_length=100,
        label=words("fingerprint.document"),
        help_text=words("fingerprint.document_help"),
    )
