"""The verbs on batches: look at what is meant, begin, go on, undo.

A batch is made chunk by chunk, each in a transaction of its own: curators go on deciding
meanwhile, and whoever finds a batch unfinished goes on behind its last chunk.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy import bulk, scopes
from taxonomy.curation import Actor
from taxonomy.errors import KeyReused, NotRevertible, TooWide
from taxonomy.models import Batch, Decision, PassedOver, Suggestion, Tag, User
from taxonomy.models.review import DecisionQuerySet, SuggestionQuerySet
from taxonomy.selection import SuggestionFilter
from taxonomy.trail import TrailFilter

Kind = Batch.Kind

CHUNK = 500
SAMPLE = 10
AT_ONCE = 4.0  # seconds that one request works on a batch


@dataclass(frozen=True)
class Outlook:
    """What a batch would be about, were it begun now."""

    count: int
    papers: int
    upto: int  # the last suggestion or decision that is meant
    tags: int = 0  # of a revert: how many tags rest on those decisions
    outside: int = 0  # suggestions that are like that, and not theirs to decide on


def look_at_suggestions(
    wanted: SuggestionFilter, user: User
) -> tuple[Outlook, list[Suggestion]]:
    """How many this person may decide on, and some by chance, with paper and concept.

    Two queries; of a limited curator two more.
    """
    rows = scopes.their_own(wanted.rows(), user)
    found = rows.aggregate(last=Max("pk"), **_sizes())
    sample = list(rows.select_related("paper", "concept").defer("paper__search")
                  .order_by("?")[:SAMPLE])  # fmt: skip
    outside = wanted.rows().count() - found["count"] if user.scope else 0
    outlook = Outlook(
        found["count"], found["papers"], found["last"] or 0, outside=max(0, outside)
    )
    return outlook, sample


def look_at_decisions(wanted: TrailFilter) -> tuple[Outlook, list[Decision]]:
    """How many can be taken back, and some by chance, with paper and actor. Three queries."""
    rows = wanted.rows().effective()
    found = rows.aggregate(last=Max("pk"), **_sizes())
    tags = Tag.objects.filter(direct=True, decision__in=rows).count()
    sample = list(rows.select_related("paper", "actor", "reverted_by").defer("paper__search")
                  .order_by("?")[:SAMPLE])  # fmt: skip
    return Outlook(found["count"], found["papers"], found["last"] or 0, tags), sample


def may_revert(user: User, wanted: TrailFilter) -> bool:
    """Editors take back anything, everyone else what they decided themselves."""
    own = bool(wanted.person) and wanted.person == user.username
    return own or user.has_perm("taxonomy.revert_decision")


def begin_decisions(
    *,
    wanted: SuggestionFilter,
    verdict: str,
    user: User,
    key: str,
    upto: int | None = None,
    note: str = "",
) -> Batch:
    """A batch that accepts or rejects the open suggestions that are meant; none is decided yet.

    Meant are those that this person may decide on.
    The same key again is the same batch; KeyReused if it asks for something else. `upto`
    leaves out what was suggested since it was looked at. TooWide without any condition.
    """
    if wanted.is_empty:
        raise TooWide(_("Say which suggestions are meant."))
    meant = scopes.their_own(wanted.rows(), user)
    return _begin(Kind(verdict), wanted.as_json(), meant, user, key, upto, note)


def begin_revert(
    *,
    wanted: TrailFilter,
    user: User,
    key: str,
    upto: int | None = None,
    note: str = "",
    undoes: Batch | None = None,
) -> Batch:
    """A batch that takes the decisions that are meant back, else as `begin_decisions`.

    TooWide if it does not say whose decisions; the caller has asked `may_revert`.
    """
    if not wanted.names_an_actor:
        raise TooWide(_("Name a person, a batch, an import or a model."))
    meant = wanted.rows().effective()
    return _begin(Kind.REVERT, wanted.as_json(), meant, user, key, upto, note, undoes)


@transaction.atomic
def begin_undo(*, batch: Batch, user: User, key: str) -> Batch:
    """A batch that takes this one back. One that is not finished yet goes no further.

    NotRevertible for a batch that took back: one decides again. Who is no editor takes back
    only what they decided themselves.
    """
    locked = Batch.objects.select_for_update().get(pk=batch.pk)
    if locked.is_revert:
        raise NotRevertible(_("A revert cannot be reverted: decide again instead."))
    if locked.finished_at is None:
        locked.finished_at = timezone.now()
        locked.save(update_fields=["finished_at"])
    wanted = TrailFilter(batch=locked.pk)
    if not may_revert(user, wanted):
        wanted = replace(wanted, person=user.username)
    return begin_revert(wanted=wanted, user=user, key=key, undoes=locked)


def go_on(batch: Batch, seconds: float = AT_ONCE) -> Batch:
    """Work on a batch for about so long; as it is then. Two at once share the chunks."""
    deadline = time.monotonic() + seconds
    while True:
        batch = _next_chunk(batch.pk)
        if batch.finished_at or time.monotonic() > deadline:
            return batch


def _sizes() -> dict[str, Count]:
    return {"count": Count("pk"), "papers": Count("paper", distinct=True)}


def _begin(
    kind: Kind,
    selection: Mapping[str, object],
    meant: SuggestionQuerySet | DecisionQuerySet,
    user: User,
    key: str,
    upto: int | None,
    note: str,
    undoes: Batch | None = None,
) -> Batch:
    known = Batch.objects.filter(made_by=user, key=key).first()
    if known is None:
        found = meant.filter(pk__lte=upto) if upto is not None else meant
        sizes = found.aggregate(count=Count("pk"), last=Max("pk"))
        known, created = Batch.objects.get_or_create(
            made_by=user,
            key=key,
            defaults={
                "kind": kind,
                "selection": selection,
                "expected": sizes["count"],
                "upto": sizes["last"] or 0,
                "note": note,
                "undoes": undoes,
            },
        )
        if created:
            return known
    if (known.kind, known.selection) != (kind, selection):
        raise KeyReused(_("The key was used for another batch."))
    return known


@transaction.atomic
def _next_chunk(pk: UUID) -> Batch:
    batch = Batch.objects.select_for_update(of=("self",)).select_related("made_by").get(pk=pk)
    if batch.finished_at:
        return batch
    ids = _next_ids(batch)
    actor = Actor.person(batch.made_by)
    if batch.is_revert:
        batch.made += bulk.revert_many(ids, actor=actor, batch=batch.pk, note=batch.note)
    else:
        made, passed = bulk.decide_many(
            ids, verdict=batch.kind, actor=actor, batch=batch.pk, note=batch.note
        )
        PassedOver.objects.bulk_create(passed)
        batch.made += made
        batch.passed += len(passed)
    batch.cursor = ids[-1] if ids else batch.upto
    if len(ids) < CHUNK:
        batch.finished_at = timezone.now()
    batch.save(update_fields=["made", "passed", "cursor", "finished_at"])
    return batch


def _next_ids(batch: Batch) -> list[int]:
    rows: SuggestionQuerySet | DecisionQuerySet
    if batch.is_revert:
        rows = TrailFilter.from_json(batch.selection).rows().effective()
    else:
        meant = SuggestionFilter.from_json(batch.selection)
        rows = scopes.their_own(meant.rows(), batch.made_by)
    rest = rows.filter(pk__gt=batch.cursor, pk__lte=batch.upto).order_by("pk")
    return list(rest.values_list("pk", flat=True)[:CHUNK])
