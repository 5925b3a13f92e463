"""The keys of the review desk: what each does, which key does it, which are left for rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from string import ascii_lowercase

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from taxonomy.models import Decision

DIGITS = "123456789"
RESERVED = DIGITS + "0/?"  # rows, the field for concepts, the help

Reason = Decision.Reason


@dataclass(frozen=True)
class Act:
    """Something that a key does. `name` is also the reason that it gives, if it gives one."""

    name: str
    key: str
    text: str | Promise

    @property
    def reason(self) -> str:
        return self.name if self.name in Reason.values else ""


ACTS = (
    Act("reject", "r", _("The next key rejects")),
    Act("unsure", "u", _("The next key says unsure")),
    Act("accept_rest", "a", _("Accept all that is open")),
    Act("reject_rest", "x", _("None fits: reject all that is open")),
    Act("unsure_rest", "q", _("Unsure about all that is open")),
    Act("skip", "s", _("Skip: others get it, and you tomorrow")),
    Act("later", "l", _("Later: it comes to you again in an hour")),
    Act("undo", "z", _("Undo what you did last, step by step, also of former days")),
    Act("note", "c", _("Write a note on the suggestion")),
    Act("meaning", "d", _("What the concept means, and when it fits")),
    Act("down", "j", _("Next suggestion")),
    Act("up", "k", _("Previous suggestion")),
    Act(Reason.OFF_TOPIC.value, "o", Reason.OFF_TOPIC.label),
    Act(Reason.ONLY_MENTIONS.value, "m", Reason.ONLY_MENTIONS.label),
    Act(Reason.ONLY_USES.value, "t", Reason.ONLY_USES.label),
    Act(Reason.TOO_BROAD.value, "b", Reason.TOO_BROAD.label),
    Act(Reason.TOO_NARROW.value, "n", Reason.TOO_NARROW.label),
    Act(Reason.WRONG_SENSE.value, "w", Reason.WRONG_SENSE.label),
)


@dataclass(frozen=True, eq=False)
class Keymap:
    """The keys of one curator; those who gave the same ones share it."""

    by_act: Mapping[str, str]

    @classmethod
    def with_own(cls, own: Mapping[str, str]) -> "Keymap":
        """Ours, but for the acts to which somebody gave another key."""
        return _keymap(tuple(own.get(act.name, act.key) for act in ACTS))

    @cached_property
    def acts(self) -> list[Act]:
        return [act for act in self._with_keys() if not act.reason]

    @cached_property
    def reasons(self) -> list[Act]:
        return [act for act in self._with_keys() if act.reason]

    @cached_property
    def for_rows(self) -> str:
        """One key a suggestion: digits, then the letters that do nothing else on the desk."""
        used = set(self.by_act.values())
        return DIGITS + "".join(letter for letter in ascii_lowercase if letter not in used)

    def _with_keys(self) -> list[Act]:
        return [Act(act.name, self.by_act[act.name], act.text) for act in ACTS]


@lru_cache(maxsize=256)
def _keymap(keys: tuple[str, ...]) -> Keymap:
    return Keymap({act.name: key for act, key in zip(ACTS, keys, strict=True)})
