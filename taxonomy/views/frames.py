"""Pieces of a page that are the same for many papers: rendered once, then only filled in.

A template that is used as a frame names what differs as `{{ slot.name }}`. All else that it
shows stands in `fixed`: pieces with equal fixed values, in one language, are one frame.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from functools import lru_cache
from html import escape

from django.conf import settings
from django.template.loader import get_template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

KEPT = 2_048  # frames in memory, some kilobytes each; those used last stay
MARK = f"slot-{secrets.token_hex(16)}-"  # nobody's note can contain it
SLOT = re.compile(rf"{MARK}(\w+);")


class _Slots:
    """Stands in a template for whatever a name will be filled with."""

    def __getitem__(self, name: str) -> str:
        return mark_safe(f"{MARK}{name};")


def fill(template: str, slots: Mapping[str, object], **fixed: Hashable) -> SafeString:
    """The piece with its slots filled; what is not marked safe is escaped.

    `fixed` must tell apart all that the template can show differently.
    """
    framed = _frame.__wrapped__ if settings.DEBUG else _frame
    parts = list(framed(template, get_language(), tuple(fixed.items())))
    for at in range(1, len(parts), 2):
        parts[at] = _escaped(slots[parts[at]])
    return mark_safe("".join(parts))


def _escaped(value: object) -> str:
    if type(value) is SafeString:
        return value
    return escape(value if isinstance(value, str) else str(value))


@lru_cache(maxsize=KEPT)
def _frame(
    template: str, language: str, fixed: tuple[tuple[str, Hashable], ...]
) -> tuple[str, ...]:
    """Text and names of slots by turns."""
    context = {**dict(fixed), "slot": _Slots(), "LANGUAGE_CODE": language}
    return tuple(SLOT.split(get_template(template).render(context)))
