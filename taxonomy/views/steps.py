"""Decisions as rows of a trail, on the page of a paper and on the trail's own."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from taxonomy import trail
from taxonomy.models import Decision
from taxonomy.trail import Step
from taxonomy.views.lines import who_decided
from taxonomy.vocabulary import Term, Vocabulary

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Line:
    """One decision as a row of the trail."""

    decision: Decision
    term: Term
    actor: str
    step: Step | None = None

    @property
    def before(self) -> str:
        return name_of(self.step.before) if self.step else ""

    @property
    def after(self) -> str:
        return name_of(self.step.after) if self.step else ""


def name_of(verdict: str) -> str:
    """What holds, in words."""
    return str(Decision.Verdict(verdict).label) if verdict else _("nothing")


@dataclass(frozen=True)
class Trail:
    """A page of a paper's decisions, and the number before which the next one begins."""

    lines: list[Line]
    before: int | None


def lines_of(rows: list[Decision], terms: Vocabulary, *, names: bool) -> list[Line]:
    """With what each changed; `names` also where readers do not see them. One query."""
    steps = trail.steps_of(rows)
    return [
        Line(one, terms.by_id[one.concept_id], who_decided(one, names=names), steps[one.pk])
        for one in rows
    ]


def number_in(text: str) -> int | None:
    """A number in an address; None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 19:
        return None
    return min(int(text), LARGEST_ID)
