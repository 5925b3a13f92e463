"""What a second curator and an editor say of a paper."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from taxonomy.models import Concept

MOST_ADDED = 20  # concepts on one paper beyond those offered


class JudgementForm(forms.Form):
    """The concepts that fit: ticked, and named besides by slug."""

    concepts = forms.ModelMultipleChoiceField(
        Concept.objects.filter(deprecated=False), to_field_name="slug", required=False
    )
    more = forms.ModelMultipleChoiceField(
        Concept.objects.filter(deprecated=False), to_field_name="slug", required=False
    )

    def given(self) -> set[Concept]:
        return {*self.cleaned_data["concepts"], *self.cleaned_data["more"]}


class SettlingForm(forms.Form):
    """Whether each disputed concept fits."""

    def __init__(self, concepts: Iterable[Concept], data: Any = None) -> None:
        super().__init__(data)
        self.concepts = list(concepts)
        for concept in self.concepts:
            self.fields[f"fits-{concept.pk}"] = forms.TypedChoiceField(
                choices=[("yes", _("fits")), ("no", _("does not fit"))],
                coerce=lambda value: value == "yes",
            )

    def verdicts(self) -> dict[Concept, bool]:
        return {concept: self.cleaned_data[f"fits-{concept.pk}"] for concept in self.concepts}


class ShareForm(forms.Form):
    """Of a hundred papers, how many are read twice."""

    share = forms.IntegerField(min_value=0, max_value=100)
