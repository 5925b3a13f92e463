"""`Idempotency-Key`: a call that is repeated does nothing twice."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

LONGEST_KEY = 80

KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description=f"At most {LONGEST_KEY} characters; a repeated call decides once.",
)
NEEDED_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=f"At most {LONGEST_KEY} characters; the same key is the same batch.",
)


def key_of(request: Request, longest: int = LONGEST_KEY) -> str | None:
    """The key, if one was sent."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not 0 < len(key) <= longest or not key.isprintable():
        message = _("Idempotency-Key has 1 to %(most)d characters.") % {"most": longest}
        raise ValidationError(message)
    return key


def needed_key(request: Request) -> str:
    """The key, where nothing may be begun without one."""
    key = key_of(request)
    if key is None:
        raise ValidationError(_("Send an Idempotency-Key: what is begun once stays one batch."))
    return key
