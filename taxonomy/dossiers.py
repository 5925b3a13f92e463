"""What lies beside a paper: what is suggested for it, and what was decided."""

import json
from dataclasses import dataclass

from taxonomy.models import Decision, Paper, Suggestion, User
from taxonomy.models.composed import Composed, fetch

_SUGGESTION = [field.attname for field in Suggestion._meta.concrete_fields]
_EVIDENCE = _SUGGESTION.index("evidence")
_DECISION = [field.attname for field in Decision._meta.concrete_fields]
_USER = [field.attname for field in User._meta.concrete_fields]
SUGGESTED = f"""
SELECT {", ".join(_SUGGESTION)} FROM taxonomy_suggestion
WHERE paper_id = %s ORDER BY score DESC, concept_id
"""
_STANDING = Composed(
    lambda paper: (
        Decision.objects.standing()
        .filter(paper=paper)
        .values_list(*_DECISION, *(f"actor__{name}" for name in _USER))
    ),
    int,
)


@dataclass(frozen=True)
class Dossier:
    """The suggestions of a paper, surest first, and by concept id the decision that holds."""

    suggestions: list[Suggestion]
    standing: dict[int, Decision]

    @property
    def open(self) -> list[Suggestion]:
        """What a curator is still to be asked about."""
        return [
            one for one in self.suggestions if one.is_open(self.standing.get(one.concept_id))
        ]

    @property
    def accepted(self) -> dict[int, int]:
        """The decision by concept id, where it is an accept."""
        return {
            id_: decision.pk
            for id_, decision in self.standing.items()
            if decision.verdict == Decision.Verdict.ACCEPT
        }


def dossier(paper: Paper) -> Dossier:
    """What lies beside it now. Two queries."""
    return Dossier(suggestions(paper), standing_decisions(paper))


def suggestions(paper: Paper) -> list[Suggestion]:
    """What is suggested for a paper, surest first. One query."""
    found = []
    for row in fetch(SUGGESTED, paper.pk):
        values = [*row]
        values[_EVIDENCE] = json.loads(row[_EVIDENCE])
        found.append(Suggestion.from_db(None, _SUGGESTION, values))
    return found


def standing_decisions(paper: Paper) -> dict[int, Decision]:
    """The decision that holds now, by concept id. One query."""
    found = {}
    for row in _STANDING.rows(paper.pk):
        decision = Decision.from_db(None, _DECISION, row[: len(_DECISION)])
        if decision.actor_id:
            decision.actor = User.from_db(None, _USER, row[len(_DECISION) :])
        found[decision.concept_id] = decision
    return found
