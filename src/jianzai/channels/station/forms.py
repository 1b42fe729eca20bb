"""What is typed about service points, lists and helping hands."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy

from jianzai.console.forms import AreaField
from jianzai.registry.models import ServicePoint, Staff
from jianzai.sentences import say

words = lazy(say, str)


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
