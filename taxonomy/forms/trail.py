"""What the pages of the trail and of bulk work are asked."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from taxonomy import vocabulary
from taxonomy.models import Batch, Concept, Decision
from taxonomy.search import base_arxiv_id
from taxonomy.selection import SuggestionFilter
from taxonomy.trail import TrailFilter

LONGEST_NOTE = 300


class DayField(forms.DateField):
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class MomentField(forms.DateTimeField):
    """To the minute, in UTC as the site's clock is."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})


def concepts() -> list[Any]:
    """Every concept below its top one; retired ones last."""
    terms = vocabulary.current()
    groups: dict[str, list[tuple[str, str]]] = {}
    for kind in (Concept.Kind.CHALLENGE, Concept.Kind.DOMAIN):
        for top in terms.top(kind):
            inside = [top, *(one for one in terms.narrower(top) if not one.deprecated)]
            groups[top.label] = [(one.slug, one.label) for one in inside]
    retired = [(one.slug, one.label) for one in terms if one.deprecated]
    found: list[Any] = [("", _("Any")), *groups.items()]
    return [*found, (_("Retired"), retired)] if retired else found


class TrailForm(forms.Form):
    """Which decisions; every field may be empty."""

    person = forms.CharField(required=False, max_length=150, label=_("Person"))
    machine = forms.CharField(required=False, max_length=80, label=_("Import or model"))
    suggester = forms.CharField(
        required=False,
        max_length=40,
        label=_("On suggestions of"),
    )
    concept = forms.ChoiceField(required=False, choices=concepts, label=_("Concept"))
    paper = forms.CharField(required=False, max_length=120, label=_("Paper, by its arXiv id"))
    verdict = forms.ChoiceField(
        required=False, choices=[("", _("Any")), *Decision.Verdict.choices], label=_("Verdict")
    )
    batch = forms.UUIDField(required=False, label=_("Batch"))
    since = MomentField(required=False, label=_("From, UTC"))
    until = MomentField(required=False, label=_("Before, UTC"))

    def clean_paper(self) -> str:
        asked: str = self.cleaned_data["paper"]
        found = base_arxiv_id(asked)
        if asked and not found:
            raise forms.ValidationError(_("This is no arXiv id."))
        return found

    @property
    def wanted(self) -> TrailFilter:
        """Of a form that is valid."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        return TrailFilter(**given)


class SuggestionsForm(forms.Form):
    """Which open suggestions; every field may be empty."""

    concept = forms.ChoiceField(required=False, choices=concepts, label=_("Concept"))
    least = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=_("Probability from"),
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )
    most = forms.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        label=_("Probability to"),
        widget=forms.NumberInput(attrs={"step": "0.01"}),
    )
    suggester = forms.CharField(required=False, max_length=40, label=_("Suggester"))
    since = DayField(required=False, label=_("Suggested from"))
    until = DayField(required=False, label=_("Suggested before"))
    published_after = DayField(required=False, label=_("Submitted from"))
    published_before = DayField(required=False, label=_("Submitted before"))

    @property
    def wanted(self) -> SuggestionFilter:
        """Of a form that is valid."""
        given = {
            name: value for name, value in self.cleaned_data.items() if value not in {"", None}
        }
        return SuggestionFilter(**given)


class BeginForm(forms.Form):
    """What a button sends that begins a batch: how far was looked, and a key of the page."""

    key = forms.RegexField(r"^[0-9a-z-]{8,40}$")
    upto = forms.IntegerField(min_value=0, required=False)
    note = forms.CharField(required=False, max_length=LONGEST_NOTE)


class BeginDecisionsForm(BeginForm):
    """The same, with the verdict of the button."""

    verdict = forms.ChoiceField(choices=Batch.Kind.choices[:2])
