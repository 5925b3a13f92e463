"""The verbs of the review desk: who gets which paper, and what one key does there.

A lease keeps a paper on one desk. Leases are given only under the lock of the paper's
screening row, so that a paper never lies on two desks.
"""

from dataclasses import dataclass
from datetime import timedelta
from uuid import NAMESPACE_URL, uuid4, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from taxonomy import curation, leases, scopes
from taxonomy.curation import Actor
from taxonomy.errors import HeldByAnother
from taxonomy.models import (
    Batch,
    Concept,
    Decision,
    Lease,
    Order,
    Paper,
    QueuePolicy,
    Screening,
    Skip,
    User,
)
from taxonomy.models.composed import fetch
from taxonomy.models.review import ScreeningQuerySet
from taxonomy.queues import EVERYTHING, Part, Queue

SKIPPED_FOR = timedelta(days=1)  # then a skipped paper comes back by itself
PUT_OFF_FOR = timedelta(hours=1)  # and one that was put off


@dataclass(frozen=True)
class Undone:
    """What was taken back. `screening` is empty when the paper lies on another desk now."""

    paper: Paper
    screening: Screening | None
    decisions: tuple[Decision, ...] = ()


@transaction.atomic
def take_next(curator: User, queue: Queue = EVERYTHING) -> Screening | None:
    """The paper of this queue that they have open; else the first of it, leased to them.

    What they passed over comes before its time only when nothing else is left. None when
    nothing waits, or all that waits lies on other desks.
    """
    if queue.is_everything and not curator.scope:
        return _take_next_of_all(curator, queue.order)
    waiting = queue.narrow(Screening.objects.waiting(), curator)
    own = waiting.held_by(curator, timezone.now()).with_paper().first()
    if own and _renew(own, curator):
        return own
    free = waiting.without_lease()
    if queue.part == Part.SKIPPED:
        return _take_first(free.skipped_by(curator), curator)
    first = queue.ordered(free.not_skipped_by(curator, timezone.now()))
    return _take_first(first, curator) or _take_first(free.skipped_by(curator), curator)


@transaction.atomic
def open_paper(*, paper: Paper, curator: User) -> Screening:
    """Lay one named paper on this curator's desk, whatever its state, or keep it there.

    HeldByAnother if it lies on another desk.
    """
    screening = _lock(paper)
    if leases.holder(paper.pk) not in (None, curator.pk):
        raise HeldByAnother(_("Another curator has this paper open."))
    leases.give(paper.pk, curator)
    return screening


def keep_open(*, arxiv_id: str, curator: User) -> Screening:
    """As `open_paper`, without a lock where the lease is theirs for a good while yet.

    Paper.DoesNotExist if there is none of that identifier.
    """
    if kept := leases.kept(arxiv_id, curator):
        return kept
    return open_paper(
        paper=Paper.objects.defer("search").get(arxiv_id=arxiv_id), curator=curator
    )


def state_of(paper: Paper) -> str:
    """Where the paper stands now. One query."""
    ((state,),) = fetch("SELECT state FROM taxonomy_screening WHERE paper_id = %s", paper.pk)
    return str(state)


def set_order(*, order: Order, editor: User) -> None:
    """For everyone who has not chosen an order; what lies on a desk stays there."""
    QueuePolicy.objects.update_or_create(
        id=1,
        defaults={
            "order": order, "changed_by": editor.get_username(), "changed_at": timezone.now()
        },
    )  # fmt: skip


def release(curator: User) -> None:
    """Clear this curator's desk: what they had open may go to others."""
    Lease.objects.filter(curator=curator).delete()


@transaction.atomic
def finish(*, paper: Paper, curator: User) -> bool:
    """Close a paper, whatever is undecided on it, and clear it from the desk.

    False if it was closed before: whose work it was does not change by reading it again; or
    if it waits for suggestions: what there is to decide on its text is not known yet. Where
    something is open that the curator may not decide on, it goes to others.
    """
    screening = open_paper(paper=paper, curator=curator)
    if screening.state in {Screening.State.SCREENED, Screening.State.IDENTIFIED}:
        Lease.objects.filter(paper=paper, curator=curator).delete()
        return False
    left = curation.pending_suggestions(paper) if curator.scope else []
    if len(scopes.within(curator, left)) < len(left):
        skip(paper=paper, curator=curator)  # others have something to decide there
    else:
        curation.finish(paper=paper, curator=curator)
    return True


@transaction.atomic
def skip(*, paper: Paper, curator: User, time: timedelta = SKIPPED_FOR) -> None:
    """Pass over a paper: it goes to others, and after that time to this curator again."""
    now = timezone.now()
    Skip.objects.update_or_create(
        paper=paper, curator=curator, defaults={"skipped_at": now, "until": now + time}
    )
    Lease.objects.filter(paper=paper, curator=curator).delete()


def decide_rest(
    *, paper: Paper, verdict: str, curator: User, idempotency_key: str | None = None
) -> list[Decision]:
    """The same verdict on every suggestion still open, as one batch."""
    batch = uuid5(NAMESPACE_URL, idempotency_key) if idempotency_key else uuid4()
    return curation.decide_open(
        paper=paper,
        verdict=verdict,
        actor=Actor.person(curator),
        batch=batch,
        idempotency_key=idempotency_key,
    )


@transaction.atomic
def take_back(
    *, paper: Paper, concept: Concept, curator: User, idempotency_key: str | None = None
) -> list[Decision]:
    """Take back all this curator decided on this text; what others decided stays.

    Not only the last: a reject after an accept, taken back, leaves the suggestion open. What
    was decided on an earlier text holds again as it did.
    """
    _lock(paper)
    if _known(curator, idempotency_key):
        return []
    mine = Decision.objects.effective().filter(
        paper=paper, concept=concept, actor=curator, text_revision__gte=paper.text_revision
    )
    return _revert_each(list(mine.order_by("-id")), curator, idempotency_key)


@transaction.atomic
def undo_last(*, curator: User, idempotency_key: str | None = None) -> Undone | None:
    """Take back this curator's last act, in whatever session it was; None if there is none.

    A decision is reverted, with its whole batch. A paper that was closed with suggestions
    open, or skipped, only comes back.
    """
    # One undo of a person after another: two at once must not both take the same act.
    # Weaker than FOR UPDATE, so that it does not wait for decisions that name the person.
    User.objects.select_for_update(no_key=True).get(pk=curator.pk)
    if known := _known(curator, idempotency_key):
        return Undone(known.paper, _try_to_open(known.paper, curator), (known,))
    # What was decided in bulk is undone as one, on the page of its batch.
    by_hand = ~Exists(Batch.objects.filter(pk=OuterRef("batch")))
    mine = Decision.objects.effective().filter(by_hand, actor=curator).select_related("paper")
    decision = mine.order_by("-id").first()
    since = decision.created_at if decision else None
    closed = Screening.objects.closed_by(curator).with_paper().first()
    skipped = curator.skips.select_related("paper").order_by("-skipped_at").first()
    closed_at = closed.screened_at if closed else None
    if skipped and all(at is None or skipped.skipped_at > at for at in (since, closed_at)):
        skipped.delete()
        return Undone(skipped.paper, _try_to_open(skipped.paper, curator))
    if closed and closed_at and (since is None or closed_at > since) and _reopen(closed.paper):
        return Undone(closed.paper, _try_to_open(closed.paper, curator))
    if decision is None:
        return None
    batch = [decision]
    if decision.batch:
        batch = list(mine.filter(batch=decision.batch).order_by("paper_id", "-id"))
    reverted = _revert_each(batch, curator, idempotency_key)
    screening = _try_to_open(decision.paper, curator)
    return Undone(decision.paper, screening, tuple(reverted))


def _take_next_of_all(curator: User, order: str) -> Screening | None:
    own = leases.held(curator)
    if own and _renew(own, curator):
        return own
    if found := leases.lock_next(curator, order):
        leases.give(found.paper_id, curator)
        return found
    free = Screening.objects.waiting().without_lease()
    return _take_first(free.skipped_by(curator), curator)


def _take_first(screenings: ScreeningQuerySet, curator: User) -> Screening | None:
    """Lease the first of these that no one else is just taking."""
    locked = screenings.with_paper().select_for_update(skip_locked=True, of=("self",))
    while found := locked.first():
        # As in `leases.lock_next`.
        if leases.holder(found.paper_id) in (None, curator.pk):
            leases.give(found.paper_id, curator)
            return found
    return None


def _renew(screening: Screening, curator: User) -> bool:
    """Whether the lease was still theirs: it may have run out just now and gone to another."""
    own = Lease.objects.filter(paper=screening.paper_id, curator=curator)
    return bool(own.update(expires_at=timezone.now() + leases.LEASE))


def _lock(paper: Paper) -> Screening:
    locked = Screening.objects.with_paper().select_for_update(of=("self",)).filter(paper=paper)
    screening = locked.first()
    if screening is None:
        Screening.objects.bulk_create([Screening(paper=paper)], ignore_conflicts=True)
        screening = locked.get()
    return screening


def _reopen(paper: Paper) -> bool:
    """Let a paper wait again, if anything on it is undecided."""
    if not curation.pending_suggestions(paper):
        return False
    screening = _lock(paper)
    screening.state = Screening.State.WAITING
    screening.screened_at = screening.screened_by = None
    screening.save(update_fields=["state", "screened_at", "screened_by"])
    return True


def _try_to_open(paper: Paper, curator: User) -> Screening | None:
    try:
        return open_paper(paper=paper, curator=curator)
    except HeldByAnother:
        return None


def _known(curator: User, idempotency_key: str | None) -> Decision | None:
    """The decision taken back under this key by an earlier, identical request."""
    if idempotency_key is None:
        return None
    known = Decision.objects.filter(actor=curator, idempotency_key=idempotency_key)
    retract = known.select_related("reverts__paper").first()
    return retract.reverts if retract else None


def _revert_each(
    decisions: list[Decision], curator: User, idempotency_key: str | None
) -> list[Decision]:
    """Revert them in this order; the first revert carries the key. The reverted ones."""
    for at, decision in enumerate(decisions):
        curation.revert(
            decision=decision,
            actor=Actor.person(curator),
            idempotency_key=idempotency_key if at == 0 else None,
        )
    return decisions
