"""What is typed about forms by post, by the person and by clerks."""

from __future__ import annotations

import re
from datetime import date

from django import forms
from django.conf import settings
from django.utils.functional import lazy

from jianzai.clock import today
from jianzai.console.forms import DateInput, UploadField
from jianzai.sentences import say

from .issuers import suggestions
from .layouts import PRINTED, FieldType, layout
from .models import REPORTED, Sheet
from .payload import Kind
from .scans import LARGEST
from .services import Attestation, reasons_for

words = lazy(say, str)

MOST_FILES = 20
"""Files brought at once."""

_BESIDE = 2**20  # bytes of a request that are not its files, at most

TYPED = {
    Kind.ELSEWHERE: ("phone", "address", "relative", "relative_phone"),
    Kind.HMT: ("name_latin", "local_identity", "travel_permit", "address", "phone", "settled_since"),
    Kind.ABROAD: ("name_latin", "nationality", "passport", "residence_permit", "address", "phone"),
    Kind.ABROAD_2013: ("name_latin", "nationality", "passport", "residence_permit", "address", "phone"),
}
"""What people may type before they print a form; nothing of it is kept."""

OFFERED = (Kind.ELSEWHERE, Kind.HMT, Kind.ABROAD)
"""The forms that people are offered; the one of 2013 is printed for missions that still ask for it."""

_DECIDED_BY = ("attester", "attested_on", "authority_on", "certificate_number", "signed_on", "died_on")
_DATE = re.compile(r"(\d{4})\D{1,3}(\d{1,2})\D{1,3}(\d{1,2})")


def _kinds(kinds) -> list[tuple[str, str]]:
    return [(str(kind), words(f"mail.kind_{kind}")) for kind in kinds]


def day_in(text: str) -> date | None:
    """The day that ``text`` names, as forms write it; None where it names none."""
    match = _DATE.search(text)
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


class TypedForm(forms.Form):
    """What goes on a form before it is printed; everything may stay empty and be written by hand."""

    def __init__(self, *arguments, kind: Kind, **options):
        super().__init__(*arguments, **options)
        for name in TYPED[kind]:
            self.fields[name] = forms.CharField(
                required=False, max_length=200, label=words(f"mail.form_{name}"), widget=forms.TextInput()
            )


class StatusForm(forms.Form):
    number = forms.CharField(
        max_length=30,
        label=words("mail.status_number"),
        help_text=words("mail.status_number_help"),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class _Files(forms.FileInput):
    allow_multiple_selected = True


class _FilesField(UploadField):
    """Several files, each bounded, and all of them by what one request may bring."""

    what_to_do = "mail.file_too_large"

    def widget_attrs(self, widget):
        together = settings.UPLOAD_MAX_SIZE - _BESIDE
        told = words("mail.too_much_at_once", megabytes=together // 2**20)
        return {
            **super().widget_attrs(widget),
            "data-largest-together": together,
            "data-too-much": told,
        }

    def clean(self, data, initial=None):
        files = [super(_FilesField, self).clean(each, initial) for each in data or []]
        if not files:
            return [super().clean(None, initial)]
        if len(files) > MOST_FILES:
            raise forms.ValidationError(say("mail.too_many_files", most=MOST_FILES))
        return files


class ArrivalForm(forms.Form):
    """Papers that came by post."""

    files = _FilesField(
        label=words("mail.files"),
        help_text=words("mail.files_help"),
        largest=LARGEST,
        widget=_Files(attrs={"accept": ".pdf,.tif,.tiff,.jpg,.jpeg,.png"}),
    )
    received_on = forms.DateField(label=words("mail.received_on"), widget=DateInput())
    custodian = forms.CharField(
        max_length=100, label=words("mail.custodian"), help_text=words("mail.custodian_help")
    )
    apart = forms.BooleanField(required=False, label=words("mail.apart"), help_text=words("mail.apart_help"))
    letters = forms.BooleanField(
        required=False, label=words("mail.letters"), help_text=words("mail.letters_help")
    )

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["received_on"].initial = today

    @property
    def what(self) -> Kind | None:
        """What the clerk says the papers are; None for forms, which say it themselves."""
        return Kind.LETTER if self.cleaned_data["letters"] else None


class PersonArrivalForm(ArrivalForm):
    """A paper of somebody whom the clerk has before them."""

    kind = forms.ChoiceField(label=words("mail.kind"), choices=_kinds(Kind))
    field_order = ("kind", "files", "received_on", "custodian")

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        del self.fields["apart"], self.fields["letters"]

    @property
    def what(self) -> Kind | None:
        return Kind(self.cleaned_data["kind"])


class PrintForm(forms.Form):
    """A form for a person, printed here or posted with the next ones."""

    kind = forms.ChoiceField(label=words("mail.kind"), choices=_kinds(PRINTED))


class EmptyForm(PrintForm):
    count = forms.IntegerField(min_value=1, max_value=50, initial=1, label=words("mail.empty_count"))


def _asked(kind: Kind) -> set[str]:
    """What else than the day a paper of this kind is asked for."""
    if kind == Kind.NEWSPAPER:
        return set()
    if kind == Kind.LETTER:
        return {"attester", "certificate_number"}
    names = {field.name for field in layout(kind).fields}
    return names | ({"by_agent"} if "agent" in names else set())


class AcceptForm(forms.Form):
    """What the paper says; prefilled with what was read."""

    attester = forms.CharField(required=False, max_length=100, label=words("mail.form_attester"))
    attested_on = forms.DateField(label=words("mail.attested_on"), widget=DateInput())
    certificate_number = forms.CharField(
        required=False, max_length=60, label=words("mail.form_certificate_number")
    )
    by_agent = forms.BooleanField(required=False, label=words("mail.by_agent"))
    authority_on = forms.DateField(required=False, label=words("mail.form_authority_on"), widget=DateInput())
    note = forms.CharField(
        required=False, max_length=500, label=words("mail.note"), help_text=words("mail.note_help")
    )

    def __init__(self, *arguments, sheet: Sheet, **options):
        super().__init__(*arguments, **options)
        kind, self._read = Kind(sheet.kind), sheet.read.get("fields", {})
        for name in ("attester", "certificate_number"):
            self.fields[name].initial = self._text(name)
        for name in ("attested_on", "authority_on"):
            self.fields[name].initial = day_in(self._text(name))
        self.fields["by_agent"].initial = bool(self._text("agent"))
        self.fields["attester"].widget.attrs["list"] = "issuers"
        self.suggestions = suggestions(kind)
        self.read_names = self._names(kind)
        for name in self.read_names:
            self.fields[f"read_{name}"] = forms.CharField(
                required=False, max_length=300, label=words(f"mail.form_{name}"), initial=self._text(name)
            )
        asked = _asked(kind)
        for name in ("attester", "certificate_number", "by_agent", "authority_on"):
            if name not in asked:
                del self.fields[name]
        if kind == Kind.NEWSPAPER:
            self.fields["attested_on"].label = words("mail.newspaper_on")

    @property
    def read_fields(self):
        """The bound fields of what was read, each with how sure the reading is, in per cent."""
        return [
            (
                self[f"read_{name}"],
                round(100 * self._read.get(name, {}).get("confidence", 0)),
                self._read.get(name, {}),
            )
            for name in self.read_names
        ]

    @property
    def decided_by(self):
        """The bound fields that decide."""
        return [field for field in self if not field.name.startswith("read_")]

    def attestation(self, failed) -> Attestation:
        """What the clerk says the paper says, once the form is valid; ``failed``: rules it breaks."""
        typed = self.cleaned_data
        return Attestation(
            attested_on=typed["attested_on"],
            attester=typed.get("attester", ""),
            by_agent=typed.get("by_agent", False),
            authority_on=typed.get("authority_on"),
            certificate_number=typed.get("certificate_number", ""),
            corrected=self.corrected,
            failed=failed,
            note=typed["note"],
        )

    @property
    def corrected(self) -> dict[str, str]:
        """Fields that the clerk reads otherwise than the machine."""
        typed = self.cleaned_data
        changed = {
            name: typed[f"read_{name}"]
            for name in self.read_names
            if typed.get(f"read_{name}", "").strip() != self._text(name)
        }
        for name in ("attester", "certificate_number"):
            if name in typed and typed[name].strip() != self._text(name):
                changed[name] = typed[name]
        for name in ("attested_on", "authority_on"):
            if typed.get(name) and typed[name] != day_in(self._text(name)):
                changed[name] = typed[name].isoformat()
        return changed

    def _text(self, name: str) -> str:
        return self._read.get(name, {}).get("text", "").strip()

    def _names(self, kind: Kind) -> list[str]:
        if kind not in PRINTED:
            return []
        return [
            field.name
            for field in layout(kind).fields
            if field.type in (FieldType.TEXT, FieldType.DATE)
            and not field.stub
            and field.name not in (*_DECIDED_BY, "return_address", "paying_agency")
        ]


class RejectForm(forms.Form):
    """What is wrong with a paper; the person reads it."""

    reasons = forms.MultipleChoiceField(
        label=words("mail.reject_why"),
        error_messages={"required": words("mail.reason_needed")},
        widget=forms.CheckboxSelectMultiple,
    )
    note = forms.CharField(
        required=False,
        max_length=200,
        label=words("mail.reject_note"),
        help_text=words("mail.reject_note_help"),
    )

    def __init__(self, *arguments, kind: Kind, **options):
        super().__init__(*arguments, **options)
        self.fields["reasons"].choices = [
            (reason, words(f"mail.reason_{reason}")) for reason in reasons_for(kind)
        ]

    def clean(self):
        typed = self.cleaned_data
        if "other" in typed.get("reasons", ()) and not typed.get("note", "").strip():
            self.add_error("note", say("mail.reason_missing"))
        return typed


class ReportForm(forms.Form):
    """The paper says something else than alive."""

    says = forms.ChoiceField(
        label=words("mail.report_what"),
        choices=[(str(state), words(f"mail.report_{state}")) for state in REPORTED],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(max_length=300, label=words("mail.report_note"))
