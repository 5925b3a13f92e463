"""The chain of seals over the decisions: made behind the curators, checked by anyone.

Decisions never wait for the chain: they are sealed a little later, in the order of their
numbers. A number is drawn before its transaction ends, so a lower one may appear after a
higher one. Nothing is sealed before that has become impossible: whoever could still bring a
number up to the last one seen holds a lock on the table of decisions, taken before the number
was drawn, and is waited for. Behind the last seal, a decision without one was put in later.
"""

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from taxonomy import trail
from taxonomy.errors import HeadInvalid
from taxonomy.models import Decision, Seal

GENESIS = bytes(32)  # what stands before the first seal
CHUNK = 5_000
PATIENCE = 5.0  # seconds; a transaction that lasts longer keeps its numbers for the next run
POLL = 0.02
LOCK = 0x6B61_6461_69  # whoever seals holds this advisory lock

WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
WHERE locktype = 'relation' AND mode = 'RowExclusiveLock' AND granted
  AND relation = 'taxonomy_decision'::regclass
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class Fault(StrEnum):
    """What is wrong at a number."""

    CHANGED = "changed since it was sealed"
    REWRITTEN = "changed since it was sealed, together with its seal"
    MISSING = "removed since it was sealed"
    CUT_OUT = "removed since it was sealed, together with its seal"
    INSERTED = "put in behind the seals"
    FORGED = "its seal is not the one that was made for it"
    NOT_PINNED = "the chain does not go through this head"


@dataclass(frozen=True)
class Finding:
    decision: int
    fault: Fault


@dataclass(frozen=True)
class Head:
    """The last seal. Who keeps a copy can tell later whether anything before it was changed."""

    decision: int = 0
    digest: bytes = GENESIS

    def __str__(self) -> str:
        return f"{self.decision}:{self.digest.hex()}"

    @classmethod
    def parse(cls, text: str) -> "Head":
        """HeadInvalid for anything that `str` has not made."""
        number, _colon, digest = text.strip().partition(":")
        hexadecimal = len(digest) == 64 and not set(digest) - set("0123456789abcdef")
        if not (number.isascii() and number.isdigit() and len(number) < 19 and hexadecimal):
            raise HeadInvalid(_("A head is a number, a colon and 64 hexadecimal digits."))
        return cls(int(number), bytes.fromhex(digest))


def content_of(record: trail.Record) -> bytes:
    """SHA-256 of the record as compact JSON in UTF-8, its fields in the order given."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()


def link(before: bytes, content: bytes) -> bytes:
    """The digest of a seal: what stands before it, and what it seals."""
    return hashlib.sha256(before + content).digest()


def head() -> Head:
    """One query."""
    last = Seal.objects.order_by("-pk").first()
    return Head(last.decision_id, bytes(last.digest)) if last else Head()


def unsealed() -> int:
    """Decisions behind the last seal: new ones, or kept back by a long transaction."""
    return Decision.objects.filter(pk__gt=head().decision).count()


def seal(patience: float = PATIENCE) -> int:
    """Seal every decision that is there and final; how many that were.

    Safe to repeat, and two at once make each seal once. Not inside a transaction, which would
    not see others end.
    """
    if connection.in_atomic_block:
        raise transaction.TransactionManagementError("Seals are made outside of transactions.")
    upto = Decision.objects.aggregate(last=Max("pk"))["last"] or 0
    if upto <= head().decision or not _are_over(_writers(), patience):
        return 0
    sealed = 0
    while made := _seal_chunk(upto):
        sealed += made
    return sealed


def check(
    pinned: Head | None = None, progress: Callable[[int], None] = lambda seals: None
) -> Iterator[Finding]:
    """Everything about the chain that is not as it was made; nothing if all is well.

    Each seal is tried by itself and with the one that stands before it, not with what that
    should have been: one fault is found once, whatever comes after.
    """
    before, last, count = Head(), 0, 0
    while seals := list(Seal.objects.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        upto = seals[-1].pk
        rows = trail.with_content(Decision.objects.filter(pk__gt=last, pk__lte=upto))
        decisions = {decision.pk: decision for decision in rows}
        found = {one.pk: one for one in seals}
        for number in sorted(found.keys() | decisions.keys()):
            if number not in found:
                yield Finding(number, Fault.INSERTED)
                continue
            yield from _faults(before, found[number], decisions.get(number))
            before = Head(number, bytes(found[number].digest))
        last, count = upto, count + len(seals)
        progress(count)
    if pinned and pinned != Head() and not _goes_through(pinned):
        yield Finding(pinned.decision, Fault.NOT_PINNED)


def _faults(before: Head, found: Seal, decision: Decision | None) -> Iterator[Finding]:
    content = bytes(found.content)
    if decision is None:
        yield Finding(found.pk, Fault.MISSING)
    elif content_of(trail.record(decision)) != content:
        yield Finding(found.pk, Fault.CHANGED)
    follows = Head(found.follows, bytes(found.before))
    if link(follows.digest, content) != bytes(found.digest):
        yield Finding(found.pk, Fault.FORGED)
    elif follows != before:
        yield _broken(before, found.pk, follows)


def _broken(before: Head, number: int, follows: Head) -> Finding:
    """The seal of this number fits itself, and not what stands before it."""
    if follows.digest == before.digest or follows.decision >= number:
        return Finding(number, Fault.FORGED)
    if follows.decision == before.decision:
        return Finding(before.decision, Fault.REWRITTEN)
    if follows.decision < before.decision:
        return Finding(before.decision, Fault.INSERTED)
    return Finding(follows.decision, Fault.CUT_OUT)


def _goes_through(pinned: Head) -> bool:
    return Seal.objects.filter(pk=pinned.decision, digest=pinned.digest).exists()


def _writers() -> set[str]:
    """Transactions that have written decisions, or may be about to, and have not ended."""
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {name for (name,) in cursor.fetchall()}


def _are_over(writers: set[str], patience: float) -> bool:
    deadline = time.monotonic() + patience
    while writers & _writers():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL)
    return True


@transaction.atomic
def _seal_chunk(upto: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = head()
    rows = Decision.objects.filter(pk__gt=last.decision, pk__lte=upto).order_by("pk")
    seals = []
    for decision in trail.with_content(rows)[:CHUNK]:
        content = content_of(trail.record(decision))
        here = Head(decision.pk, link(last.digest, content))
        seals.append(
            Seal(
                decision_id=here.decision,
                follows=last.decision,
                before=last.digest,
                content=content,
                digest=here.digest,
            )
        )
        last = here
    Seal.objects.bulk_create(seals)
    return len(seals)
