"""What is typed about other offices' records: sources and files, answers to cases, an objection."""

from __future__ import annotations

from django import forms
from django.utils.functional import lazy

from jianzai.console.forms import AreaField, UploadField
from jianzai.registry.models import Staff
from jianzai.registry.tables import MOST_BYTES
from jianzai.sentences import say

from .models import Case, Says, Source
from .rows import HEADINGS
from .services import Terms

words = lazy(say, str)


def _choices(kind: str, values) -> list[tuple[str, str]]:
    return [(str(value), words(f"matching.{kind}_{value}")) for value in values]


class SourceForm(forms.Form):
    """One source; where it says nothing of a column, its usual headings are looked for."""

    name = forms.CharField(max_length=100, label=words("matching.source_name"))
    code = forms.SlugField(
        max_length=40, label=words("matching.source_code"), help_text=words("matching.source_code_help")
    )
    area = AreaField(label=words("matching.source_area"), help_text=words("matching.source_area_help"))
    kind = forms.ChoiceField(
        label=words("matching.source_kind"), choices=_choices("kind", Source.Kind.values)
    )
    says = forms.ChoiceField(label=words("matching.source_says"), choices=_choices("says", Says.values))
    ground = forms.CharField(
        max_length=300, label=words("matching.ground"), help_text=words("matching.ground_help")
    )
    purpose = forms.CharField(
        max_length=300, label=words("matching.purpose"), help_text=words("matching.purpose_help")
    )
    trust = forms.TypedChoiceField(
        coerce=int,
        label=words("matching.trust"),
        help_text=words("matching.trust_help"),
        choices=_choices("trust", range(4)),
    )
    fresh_days = forms.IntegerField(
        min_value=1,
        max_value=366,
        initial=90,
        label=words("matching.fresh_days"),
        help_text=words("matching.fresh_days_help"),
    )
    active = forms.BooleanField(required=False, initial=True, label=words("matching.source_active"))

    def __init__(self, *arguments, staff: Staff, chosen: Source | None = None, **options):
        super().__init__(*arguments, **options)
        self._chosen = chosen
        if chosen:  # what was taken under them stays what it was
            del self.fields["area"], self.fields["says"]
        else:
            self.fields["area"].offer(staff)
        for key in HEADINGS:
            self.fields[f"column_{key}"] = forms.CharField(
                required=False,
                max_length=100,
                label=words("matching.heading_of", column=words(f"matching.column_{key}")),
                initial=chosen.columns.get(key, "") if chosen else "",
            )

    def terms(self) -> Terms:
        """What was typed, once the form is valid."""
        typed = {"area": None, "says": None, **self.cleaned_data}
        if self._chosen:
            typed |= {"area": self._chosen.area, "says": self._chosen.says}
        columns = {key: typed.pop(f"column_{key}").strip() for key in HEADINGS}
        return Terms(**typed, columns={key: heading for key, heading in columns.items() if heading})


class FileForm(forms.Form):
    file = UploadField(
        label=words("matching.file"),
        help_text=words("matching.file_help"),
        largest=MOST_BYTES,
        widget=forms.FileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class AnswerForm(forms.Form):
    """A clerk's answer to a case, and what it rests on."""

    answer = forms.ChoiceField(label=words("matching.answer"), widget=forms.RadioSelect)
    finding = forms.CharField(
        max_length=500,
        label=words("matching.finding"),
        help_text=words("matching.finding_help"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *arguments, case: Case, **options):
        super().__init__(*arguments, **options)
        answers = ["wrong"] if case.kind == Case.Kind.DEAD else ["right", "wrong"]
        self.fields["answer"].choices = [
            (each, words(f"matching.answer_{case.kind}_{each}")) for each in answers
        ]


class ObjectionForm(forms.Form):
    said = forms.CharField(
        required=False,
        max_length=300,
        label=words("matching.object_said"),
        help_text=words("matching.object_said_help"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
