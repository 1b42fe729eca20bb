"""What is typed about service points, lists and helping hands."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.utils.functional import lazy

from jianzai.console.forms import AreaField, UploadField
from jianzai.registry.models import Beneficiary, ServicePoint, Staff
from jianzai.sentences import say

words = lazy(say, str)

LARGEST_FILE = 1024 * 1024


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
        choices=_choices("service", ServicePoint.Service.values),
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


class MetForm(forms.Form):
    """Somebody drawn came, or was visited."""

    document = forms.CharField(
        max_length=100, label=words("station.document"), help_text=words("station.document_help")
    )
