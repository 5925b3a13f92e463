"""What an editor asks of the suggester."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ingest.suggest.calibrate import TARGETS


class TargetForm(forms.Form):
    """Percent of the suggestions that shall be right; `best`: where F1 is best instead."""

    target = forms.TypedChoiceField(
        choices=[("best", _("best balance")), *((str(at), f"{at} %") for at in TARGETS)],
        coerce=lambda value: None if value == "best" else int(value),
        empty_value=None,
    )


class SinceForm(forms.Form):
    """What a page that stays open has seen first: how many papers waited, and when."""

    waited = forms.IntegerField(min_value=0, max_value=2**40)
    since = forms.IntegerField(min_value=0, max_value=2**40)
