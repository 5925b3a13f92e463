"""What second factors rest on, kept encrypted: a copy of the database shows nobody's codes.

The keys are made from SECRET_KEY and, to read what is older, from SECRET_KEY_FALLBACKS.
"""

from base64 import urlsafe_b64encode
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from taxonomy.errors import SecretUnreadable

MARK = "fernet:"  # before what is encrypted; what is older has none
SALT = "taxonomy.people.encryption"
SECRET_NAMES = ("secret", "seed")  # of an app, of recovery codes


def encrypt(text: str) -> str:
    """Never twice the same for the same text."""
    return MARK + _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()


def decrypt(kept: str) -> str:
    """Also what was kept in clear. SecretUnreadable: the key that it needs is gone."""
    if not kept.startswith(MARK):
        return kept
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    try:
        return MultiFernet(map(_fernet, keys)).decrypt(kept.removeprefix(MARK)).decode()
    except InvalidToken:
        raise SecretUnreadable(_("The key of this site was changed since.")) from None


def renew(kept: str) -> str:
    """Under the present key; the same where it is already."""
    if kept.startswith(MARK):
        try:
            _fernet(settings.SECRET_KEY).decrypt(kept.removeprefix(MARK))
        except InvalidToken:
            return encrypt(decrypt(kept))
        return kept
    return encrypt(kept)


def renew_all() -> tuple[int, int]:
    """Put everything under the present key: how many factors that were, and how many cannot
    be read. Each in a transaction of its own."""
    changed, unreadable = 0, 0
    for pk in Authenticator.objects.order_by("pk").values_list("pk", flat=True):
        try:
            changed += _renew_row(pk)
        except SecretUnreadable:
            unreadable += 1
    return changed, unreadable


def mapped(data: dict[str, Any], change: Callable[[str], str]) -> dict[str, Any]:
    """A factor's data with its secrets changed so."""
    return {
        name: change(value) if name in SECRET_NAMES else value for name, value in data.items()
    }


@transaction.atomic
def _renew_row(pk: int) -> bool:
    row = Authenticator.objects.select_for_update().filter(pk=pk).first()
    if row is None or (data := mapped(row.data, renew)) == row.data:
        return False
    row.data = data
    row.save(update_fields=["data"])
    return True


def _fernet(secret_key: str | bytes) -> Fernet:
    made = salted_hmac(SALT, b"", secret=secret_key, algorithm="sha256")
    return Fernet(urlsafe_b64encode(made.digest()))
