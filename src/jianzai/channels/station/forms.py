"""What is typed about service points, lists and helping hands."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.functional import lazy

from jianzai.clock import today
from jianzai.console.forms import AreaField, PictureField, UploadField
from jianzai.registry import identity
from jianzai.registry.models import Beneficiary, ServicePoint, Staff
from jianzai.sentences import say

from .cards.fields import FIELDS, ReadField, written
from .cards.rules import Check
from .cards.sources import LARGEST_HANDOVER, LARGEST_PHOTOGRAPH, ReadCard, from_photographs, from_reader
from .errors import HandOverUnreadable
from .models import Mandate
from .services import Answer, Named

words = lazy(say, str)

LARGEST_FILE = 1024 * 1024
_LONGEST_ABROAD = 12  # characters of a passport's or travel permit's number


def _choices(kind: str, values) -> list[tuple[str, str]]:
    return [(str(value), words(f"station.{kind}_{value}")) for value in values]


class PointForm(forms.Form):
    """One service point."""

    name = forms.CharField(max_length=200, label=words("station.point_name"))
    kind = forms.ChoiceField(label=words("station.kind"), choices=_choices("kind", ServicePoint.Kind.values))
    area = AreaField(label=words("station.point_area"))
    address = forms.CharField(max_length=300, label=words("station.point_address"))
    phone = forms.CharField(max_length=40, label=words("station.point_phone"))
    hours = forms.CharField(
        max_length=200, label=words("station.point_hours"), help_text=words("station.point_hours_help")
    )
    services = forms.MultipleChoiceField(
        required=False,
        label=words("station.services"),
        choices=lambda: _choices("service", ServicePoint.Service.offered()),
        widget=forms.CheckboxSelectMultiple,
    )
    closed = forms.BooleanField(
        required=False, label=words("station.point_closed"), help_text=words("station.point_closed_help")
    )

    def __init__(self, *arguments, staff: Staff, point: ServicePoint | None, **options):
        super().__init__(*arguments, **options)
        self.fields["area"].offer(staff)
        if point is None:
            del self.fields["closed"]
            return
        self.initial = {
            name: getattr(point, name) for name in ("name", "kind", "address", "phone", "hours", "services")
        } | {"area": point.area_id, "closed": point.closed_on is not None}


class ListForm(forms.Form):
    """Whom one saw in person today, and that one did."""

    people = forms.MultipleChoiceField(
        label=words("station.people_seen"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": words("station.nobody_ticked")},
    )
    seen = forms.BooleanField(
        label=words("station.seen_myself"), error_messages={"required": words("station.seen_missing")}
    )

    def __init__(self, *arguments, people: Iterable[Beneficiary], **options):
        super().__init__(*arguments, **options)
        self.fields["people"].choices = [
            (str(each.key), f"{each.name}　{each.personal_number}　{each.birth_date:%Y-%m}")
            for each in people
        ]


class FileForm(forms.Form):
    """A table with the personal numbers of whom one saw."""

    file = UploadField(
        label=words("station.file"),
        help_text=words("station.file_help"),
        largest=LARGEST_FILE,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class _HelperFields(forms.Form):
    """Name and number of a helper, as on the helper's own document."""

    name = forms.CharField(
        max_length=100,
        label=words("station.helper_name"),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    number = forms.CharField(
        max_length=40,
        label=words("station.helper_number"),
        help_text=words("station.helper_number_help"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "number"}),
    )


class HelperSignInForm(_HelperFields):
    """What opens a helper's road."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.fields["name"].label = words("station.help_name")
        self.fields["number"].label = words("station.help_number")
        self.fields["number"].help_text = words("station.help_number_help")

    code = forms.CharField(
        max_length=20,
        label=words("station.helper_code"),
        help_text=words("station.helper_code_help"),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "numeric", "class": "number", "spellcheck": "false"}
        ),
    )


class HelperForm(_HelperFields):
    """Whom the person lets act for them."""

    relation = forms.ChoiceField(
        label=words("station.helper_relation"), choices=_choices("relation", Mandate.Relation.values)
    )

    def clean_number(self):
        number = identity.normalised(self.cleaned_data["number"])
        if not any(fits(kind, number) for kind in Beneficiary.IdentityKind.values):
            raise forms.ValidationError(say("station.helper_number_wrong"))
        return number

    def named(self) -> Named:
        """Who was named, once the form is valid."""
        typed = self.cleaned_data
        return Named(typed["name"], typed["number"], typed["relation"])


class DeskHelperForm(HelperForm):
    """The same at a counter, where the person says so to the clerk."""

    agreed = forms.BooleanField(
        label=words("station.helper_agreed"), error_messages={"required": words("station.helper_not_agreed")}
    )


def fits(kind: str, number: str) -> bool:
    """Whether ``number`` can be one of a document of ``kind``; longer ones can only be a resident's."""
    if kind == Beneficiary.IdentityKind.OTHER:
        return False
    if kind != Beneficiary.IdentityKind.RESIDENT and len(number) > _LONGEST_ABROAD:
        return False
    return all(finding.warning for finding in identity.check(kind, number, None, None))


class MetForm(forms.Form):
    """Somebody drawn came, or was visited."""

    document = forms.CharField(
        max_length=100, label=words("station.document"), help_text=words("station.document_help")
    )


class HandOverForm(forms.Form):
    """What the reader's service handed over, by the page itself or as a file."""

    file = UploadField(
        required=False,
        label=words("station.card_file"),
        help_text=words("station.card_file_help"),
        largest=LARGEST_HANDOVER,
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )
    handover = forms.CharField(required=False, widget=forms.HiddenInput())
    front = PictureField(
        required=False,
        label=words("station.card_front"),
        help_text=words("station.card_photo_help"),
        largest=LARGEST_PHOTOGRAPH,
        widget=forms.FileInput(attrs={"accept": "image/jpeg"}),
    )
    back = PictureField(
        required=False,
        label=words("station.card_back"),
        help_text=words("station.card_photo_help"),
        largest=LARGEST_PHOTOGRAPH,
        widget=forms.FileInput(attrs={"accept": "image/jpeg"}),
    )

    def card(self) -> ReadCard:
        """The card, once the form is valid. Raises HandOverUnreadable, PhotographUnreadable."""
        typed = self.cleaned_data
        if typed["front"] or typed["back"]:
            sides = (side and side.read() for side in (typed["front"], typed["back"]))
            return from_photographs(*sides, today())
        if not typed.get("file"):
            return from_reader(typed.get("handover", ""))
        try:
            return from_reader(typed["file"].read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            raise HandOverUnreadable() from None


class CorrectForm(forms.Form):
    """What stands on the card, to be put right."""

    def __init__(self, *arguments, read: dict[str, ReadField], **options):
        super().__init__(*arguments, **options)
        for field in FIELDS:
            self.fields[field] = forms.CharField(
                required=False,
                max_length=120,
                label=words(f"station.card_{field}"),
                initial=written(field, read[field].text) if field in read else "",
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
            )


class DecideForm(forms.Form):
    """One decision and one reason for each question."""

    def __init__(self, *arguments, asked: Iterable[Check], **options):
        super().__init__(*arguments, **options)
        self.asked = [one.code for one in asked]
        for code in self.asked:
            self.fields[f"decide_{code}"] = forms.ChoiceField(
                label=words(f"station.card_{code}"),
                choices=_choices("card_decide", ("accept", "refuse")),
                widget=forms.RadioSelect,
            )
            self.fields[f"reason_{code}"] = forms.CharField(
                max_length=300,
                label=words("station.card_reason"),
                help_text=words(f"station.card_ask_{code}"),
            )

    def answers(self) -> dict[str, Answer]:
        """How each question was decided, once the form is valid."""
        typed = self.cleaned_data
        return {
            code: Answer(typed[f"decide_{code}"] == "accept", typed[f"reason_{code}"]) for code in self.asked
        }
