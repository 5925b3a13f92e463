"""What the review desk sends."""

import hashlib
from typing import Any, Self

from django import forms
from django.db.models import TextChoices
from django.utils.translation import gettext as _

from taxonomy import vocabulary
from taxonomy.models import Decision, Order, Paper
from taxonomy.vocabulary import Term

LONGEST_NOTE = 500


class Stroke(TextChoices):
    """What a key can do to one suggestion."""

    ACCEPT = Decision.Verdict.ACCEPT.value
    REJECT = Decision.Verdict.REJECT.value
    UNSURE = Decision.Verdict.UNSURE.value
    UNDECIDED = "undecided"  # what this curator said is taken back


class _Fixed:
    """A field that no form changes, so that all forms can share it: copying costs the most."""

    def __deepcopy__(self, memo: dict[int, object]) -> Self:
        return self


class _Text(_Fixed, forms.CharField):
    pass


class _Key(_Fixed, forms.RegexField):
    pass


class _Number(_Fixed, forms.IntegerField):
    pass


class _Choice(_Fixed, forms.ChoiceField):
    pass


class DeskForm(forms.Form):
    """What every button of the desk sends.

    `key` makes a repeated request harmless, `text` is the revision of the text that was read,
    `shown` the identifier of the paper on the screen, `queue` what the next paper is from.
    """

    key = _Key(r"^[0-9a-z-]{8,40}$", required=False)
    text = _Number(required=False, min_value=1)
    shown = _Text(required=False, max_length=40)
    queue = _Text(required=False, max_length=500)

    def was_read(self, paper: Paper) -> bool:
        """Whether the page showed the paper's present text."""
        return self.cleaned_data["text"] in (None, paper.text_revision)

    def stroke_key(self, *parts: object) -> str | None:
        """The idempotency key of one stroke: a page's key serves each of its buttons once."""
        key = self.cleaned_data["key"]
        return ":".join(map(str, (key, *parts))) if key else None


class DecisionForm(DeskForm):
    """A verdict on one concept, with what there is to say about it.

    A reason alone rejects; a note alone is no decision, and leaves the verdict empty.
    """

    concept = _Text()
    verdict = _Choice(choices=Stroke.choices, required=False)
    reason = _Choice(choices=Decision.Reason.choices, required=False)
    note = _Text(max_length=LONGEST_NOTE, required=False)

    def clean_concept(self) -> Term:
        """Whether it may be decided on is asked when it is."""
        slug = self.cleaned_data["concept"]
        term = vocabulary.remembered().by_slug.get(slug)
        term = term or vocabulary.current().by_slug.get(slug)
        if term is None:
            raise forms.ValidationError(_("There is no such concept."), code="invalid_choice")
        return term

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") and not cleaned.get("verdict"):
            cleaned["verdict"] = Stroke.REJECT.value
        if cleaned.get("verdict") != Stroke.REJECT:
            cleaned["reason"] = ""  # it says why something does not fit
        return cleaned

    def decision_key(self) -> str | None:
        """Another reason or note under the same verdict is another decision."""
        parts = [self.cleaned_data["concept"].id, self.cleaned_data["verdict"]]
        if why := self.cleaned_data["reason"] + self.cleaned_data["note"]:
            parts.append(hashlib.sha256(why.encode()).hexdigest()[:8])
        return self.stroke_key(*parts)


class RestForm(DeskForm):
    """One verdict on all that is still open."""

    verdict = _Choice(choices=Stroke.choices[:3])


class SkipForm(DeskForm):
    """For how long a paper is passed over."""

    later = forms.BooleanField(required=False)


class OrderForm(forms.Form):
    """In which order papers come; empty: as an editor has set it."""

    order = forms.TypedChoiceField(
        choices=Order.choices, coerce=Order, empty_value=None, required=False
    )
