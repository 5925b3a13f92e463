"""Forms of allauth's, with limits that hold over all processes and addresses."""

import logging
from functools import partial
from typing import Any

from allauth.account.forms import (
    AddEmailForm,
    ChangePasswordForm,
    RequestLoginCodeForm,
    SetPasswordForm,
)
from allauth.mfa.base import forms as factors
from django import forms
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from taxonomy.errors import SecretUnreadable
from taxonomy.people.limits import Limit
from taxonomy.tasks import send_mail

logger = logging.getLogger(__name__)

CODES_SENT = Limit("codes sent to", tries=3, seconds=600)
CODES_TRIED = Limit("second factor of", tries=10, seconds=600)
ONCE = Limit("second factor used", tries=1, seconds=120)
UNREADABLE = _(
    "The key of this site was changed, and no code can be checked any more. Use a passkey, or "
    "ask who runs it for a login link."
)
TOO_MANY = _("Too many tries. Wait ten minutes, then go on.")


class Labelled:
    """What a label says is not said again in the field, and addresses are called one way."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if "email" in self.fields:
            self.fields["email"].label = _("E-mail address")


class SetPassword(Labelled, SetPasswordForm):  # type: ignore[misc]  # allauth has no types
    """The first password of an account."""


class ChangePassword(Labelled, ChangePasswordForm):  # type: ignore[misc]
    """Another password in place of one that is known."""


class RequestCode(Labelled, RequestLoginCodeForm):  # type: ignore[misc]
    """Counts by address asked for, whether it has an account or not."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not CODES_SENT.spend(email.casefold()):
            raise forms.ValidationError(TOO_MANY)
        if self._user is None:
            # A task for nobody: how long the answer takes must not tell who has an account.
            transaction.on_commit(partial(send_mail.delay, "", "", []))
        return email


class AddAddress(Labelled, AddEmailForm):  # type: ignore[misc]
    """Counts with them: nobody's mailbox is filled with codes from an account here."""

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if not CODES_SENT.spend(email.casefold()):
            raise forms.ValidationError(TOO_MANY)
        return email


class Counted:
    """Who has the password must not try all codes, from however many browsers."""

    user: Any

    def clean_code(self) -> str:
        if not CODES_TRIED.spend(str(self.user.pk)):
            raise forms.ValidationError(TOO_MANY)
        try:
            # Of the form that it is mixed into.
            code: str = super().clean_code()  # type: ignore[misc]
        except SecretUnreadable:
            logger.error("A second factor cannot be read: see docs/signing-in.md")
            raise forms.ValidationError(UNREADABLE) from None
        # allauth remembers used codes in one process only.
        if not ONCE.spend(str(self.user.pk), code):
            raise forms.ValidationError(_("This code was used already. Wait for the next one."))
        CODES_TRIED.forget(str(self.user.pk))
        return code


class SecondFactor(Counted, factors.AuthenticateForm):  # type: ignore[misc]
    """The code of an authenticator app, or a recovery code, at the sign-in."""


class SecondFactorAgain(Counted, factors.ReauthenticateForm):  # type: ignore[misc]
    """The same, before something that matters."""
