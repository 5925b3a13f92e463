"""Which concepts a curator may decide on: all, or, if an admin limits them, some.

A limit names concepts; everything narrower belongs to them. Whoever has none is asked about
nothing here, at the cost of no query. Taking back one's own decisions is always allowed.
"""

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from taxonomy import vocabulary
from taxonomy.errors import OutsideScope
from taxonomy.models import Concept, Suggestion, User
from taxonomy.models.review import ScreeningQuerySet, SuggestionQuerySet


def concepts_of(user: User) -> frozenset[int]:
    """The concepts of a limited curator, by id. One query."""
    terms = vocabulary.current()
    return frozenset(
        id_ for top in user.scope if top in terms.by_id for id_ in terms.subtree(top)
    )


def covers(user: User | None, concept_id: int) -> bool:
    """Whether they may decide on it; nobody limits a machine or an import."""
    return user is None or not user.scope or concept_id in concepts_of(user)


def refuse_outside(user: User | None, concept: Concept) -> None:
    """OutsideScope if they may not decide on it."""
    if not covers(user, concept.pk):
        label = vocabulary.current().by_id[concept.pk].label
        text = _("%(concept)s is outside of the concepts that you decide on.")
        raise OutsideScope(text % {"concept": label})


def within(user: User | None, suggestions: list[Suggestion]) -> list[Suggestion]:
    """Those of them that they may decide on. At most one query."""
    if user is None or not user.scope:
        return suggestions
    own = concepts_of(user)
    return [one for one in suggestions if one.concept_id in own]


def their_own(suggestions: SuggestionQuerySet, user: User) -> SuggestionQuerySet:
    """Those that they may decide on, as `within`; of a limited curator, one query at once."""
    return suggestions.filter(concept__in=concepts_of(user)) if user.scope else suggestions


def narrow(screenings: ScreeningQuerySet, user: User) -> ScreeningQuerySet:
    """Those papers on which something is open that they may decide on."""
    if not user.scope:
        return screenings
    open_to_them = Suggestion.objects.open().filter(
        paper=OuterRef("paper"), concept__in=concepts_of(user)
    )
    return screenings.filter(Exists(open_to_them))
