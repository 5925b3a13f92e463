"""What curators set for their own desk."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from taxonomy.desk_keys import ACTS, RESERVED, Keymap
from taxonomy.models import DeskSettings

LONGEST_DAY = 2000  # papers; more than anyone reads


class KeyField(forms.CharField):
    """One key: a letter, whatever its case, or a sign."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_length=1, max_length=1, **options)
        self.widget.attrs |= {
            "class": "one-key", "autocomplete": "off", "autocapitalize": "none",
            "spellcheck": "false",
        }  # fmt: skip

    def clean(self, value: Any) -> str:
        key: str = super().clean(value).lower()
        if key in RESERVED or not key.isprintable():
            raise ValidationError(_("This key does something else on the desk."))
        return key


class DeskSettingsForm(forms.Form):
    """A key for every act, no key twice, and a goal if one is wanted."""

    daily_goal = forms.IntegerField(
        label=_("Papers a day"),
        min_value=1,
        max_value=LONGEST_DAY,
        required=False,
        help_text=_("Shown beside how far you are. Empty: no goal."),
    )

    def __init__(self, own: DeskSettings, data: Any = None) -> None:
        keymap = Keymap.with_own(own.keys)
        super().__init__(data, initial={"daily_goal": own.daily_goal, **keymap.by_act})
        for act in ACTS:
            self.fields[act.name] = KeyField(label=act.text)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        seen: dict[str, Any] = {}
        for act in ACTS:
            key = cleaned.get(act.name)
            if key in seen:
                self.add_error(act.name, _("The same key as: %(act)s") % {"act": seen[key]})
            elif key:
                seen[key] = act.text
        return cleaned

    @property
    def keys(self) -> dict[str, str]:
        return {act.name: self.cleaned_data[act.name] for act in ACTS}

    def acts(self) -> list[forms.BoundField]:
        return [self[act.name] for act in ACTS if not act.reason]

    def reasons(self) -> list[forms.BoundField]:
        return [self[act.name] for act in ACTS if act.reason]
