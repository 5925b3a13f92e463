"""What people write about themselves and each other."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from taxonomy.models import ApiToken, User
from taxonomy.people import Role, role_of

DAYS = [(7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("one year"))]


class NameForm(forms.Form):
    """The name that will stand beside decisions."""

    username = forms.CharField(label=_("Name"), max_length=150)

    def clean_username(self) -> str:
        name: str = User.normalize_username(self.cleaned_data["username"])
        User.username_validator(name)
        if name.casefold().startswith("deleted-"):
            raise ValidationError(_("Names of this kind stand for deleted accounts."))
        if User.objects.filter(username__iexact=name).exists():
            raise ValidationError(_("Somebody has this name already."))
        return name


class InvitationForm(forms.Form):
    """To which role, for whom and how long. Nobody invites above their own role."""

    role = forms.ChoiceField(label=_("Role"))
    note = forms.CharField(label=_("For whom"), max_length=120, required=False)
    days = forms.TypedChoiceField(
        label=_("Good for"), coerce=int, choices=[(1, _("1 day")), *DAYS[:2]], initial=7
    )

    def __init__(self, by: User, data: Any = None) -> None:
        super().__init__(data, initial={"role": Role.CURATOR.value})
        own = role_of(by)
        self.fields["role"].choices = [  # type: ignore[attr-defined]
            (role.value, role.label) for role in Role if role.rank <= own.rank
        ]


class TokenForm(forms.Form):
    """What a token is for, what it may, how long."""

    name = forms.CharField(label=_("What is it for?"), max_length=80)
    scope = forms.ChoiceField(label=_("It may"))
    days = forms.TypedChoiceField(
        label=_("Good for"),
        coerce=int,
        choices=[*DAYS, (0, _("until it is revoked"))],
        initial=90,
    )

    def __init__(self, user: User, data: Any = None) -> None:
        super().__init__(data)
        role = role_of(user)
        offered = {ApiToken.Scope.READ}
        if user.has_perm("taxonomy.add_decision"):
            offered.add(ApiToken.Scope.CURATE)
        if role == Role.ADMIN:
            offered.add(ApiToken.Scope.ADMIN)
        self.fields["scope"].choices = [  # type: ignore[attr-defined]
            choice for choice in ApiToken.Scope.choices if choice[0] in offered
        ]


class ScopeForm(forms.Form):
    """The concepts that a curator is limited to; none: no limit."""

    concepts = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, concepts: Iterable[int], data: Any = None) -> None:
        super().__init__(data)
        self.fields["concepts"].choices = [  # type: ignore[attr-defined]
            (id_, str(id_)) for id_ in concepts
        ]


class RoleForm(forms.Form):
    """The one role of an account."""

    role = forms.ChoiceField(choices=[(role.value, role.value) for role in Role])
