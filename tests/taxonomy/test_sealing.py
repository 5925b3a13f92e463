"""The chain of seals: what it finds, and that nobody waits for it."""

import io
import json
import threading
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from django.db.utils import IntegrityError
from hypothesis import given
from hypothesis import strategies as st

from ingest import tasks
from taxonomy import curation, people, sealing, trail
from taxonomy.curation import Actor
from taxonomy.errors import HeadInvalid
from taxonomy.models import Decision, Seal
from taxonomy.sealing import Fault, Finding, Head
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory

pytestmark = pytest.mark.django_db(transaction=True)


def decide(user, paper=None, concept=None, **values):
    return curation.decide(
        paper=paper or PaperFactory(),
        concept=concept or ConceptFactory(),
        verdict="accept",
        actor=Actor.person(user),
        **values,
    )


@pytest.fixture
def decisions():
    """Five that are sealed."""
    user = CuratorFactory()
    made = [decide(user, note=f"Number {n}, 課題.") for n in range(5)]
    sealing.seal()
    return made


def tamper(statement, *values):
    """As someone with the database's password would."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


def found():
    return list(sealing.check())


def check_trail(*arguments):
    """What the command says, and its exit code."""
    out, code = io.StringIO(), 0
    try:
        call_command("check_trail", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as end:
        code = end.code
    return out.getvalue().splitlines(), code


def test_an_untouched_trail_is_whole(decisions):
    assert found() == []
    lines, code = check_trail()
    assert (lines, code) == ([f"head {sealing.head()}", "The trail is whole."], 0)


@pytest.mark.parametrize(
    "change",
    [
        "verdict = 'reject'",
        "note = ''",
        "score = 0.5",
        "created_at = created_at - interval '1 microsecond'",
        "actor_kind = 'import', actor_id = NULL, actor_name = 'edition 1'",
        "idempotency_key = 'another'",
        "batch = gen_random_uuid()",
        "concept_id = (SELECT max(id) FROM taxonomy_concept)",
    ],
)
def test_one_changed_row_is_found_by_its_number(decisions, change):
    tamper(f"UPDATE taxonomy_decision SET {change} WHERE id = %s", decisions[2].pk)
    assert found() == [Finding(decisions[2].pk, Fault.CHANGED)]
    lines, code = check_trail()
    assert (lines[0], code) == (f"decision {decisions[2].pk}: changed since it was sealed", 1)


def test_a_removed_row_is_found(decisions):
    tamper("DELETE FROM taxonomy_tag")
    tamper("DELETE FROM taxonomy_decision WHERE id = %s", decisions[1].pk)
    assert found() == [Finding(decisions[1].pk, Fault.MISSING)]


def forge(decision, **values):
    """Make the seal of a decision anew from what it says now, its own digest too."""
    seal = Seal.objects.get(pk=decision.pk)
    content = sealing.content_of(trail.record(Decision.objects.get(pk=decision.pk)))
    values = {"content": content, "digest": sealing.link(bytes(seal.before), content)} | values
    for column, value in values.items():
        tamper(f"UPDATE taxonomy_seal SET {column} = %s WHERE decision_id = %s", value, seal.pk)


def cut_out(decision):
    tamper("DELETE FROM taxonomy_tag")
    tamper("DELETE FROM taxonomy_decision WHERE id = %s", decision.pk)
    tamper("DELETE FROM taxonomy_seal WHERE decision_id = %s", decision.pk)


@pytest.mark.parametrize("at", [0, 1, 3])
def test_a_row_that_is_removed_with_its_seal_is_found(decisions, at):
    cut_out(decisions[at])
    assert found() == [Finding(decisions[at].pk, Fault.CUT_OUT)]


@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_row_that_is_changed_with_its_seal_is_found(decisions, at):
    number = decisions[at].pk
    tamper("UPDATE taxonomy_decision SET note = 'Another.' WHERE id = %s", number)
    forge(decisions[at])
    assert found() == [Finding(number, Fault.REWRITTEN)]
    lines, code = check_trail()
    assert lines[0] == f"decision {number}: changed since it was sealed, together with its seal"
    assert code == 1


def test_the_last_row_that_is_changed_with_its_seal_is_found_once_another_is_sealed(decisions):
    kept, number = str(sealing.head()), decisions[4].pk
    tamper("UPDATE taxonomy_decision SET note = 'Another.' WHERE id = %s", number)
    forge(decisions[4])
    assert found() == []  # as whole as a chain that really ends so
    lines, _code = check_trail("--head", kept)
    assert lines[0] == f"decision {number}: the chain does not go through this head"


@pytest.mark.parametrize("at", [1, 4])
def test_a_row_that_is_changed_with_the_digest_of_its_content_is_found(decisions, at):
    number = decisions[at].pk
    digest = bytes(Seal.objects.get(pk=number).digest)
    tamper("UPDATE taxonomy_decision SET note = 'Another.' WHERE id = %s", number)
    forge(decisions[at], digest=digest)
    assert found() == [Finding(number, Fault.FORGED)]


@pytest.mark.parametrize(
    "change", ["digest = content", "before = content", "follows = 0", "follows = 999999"]
)
def test_a_seal_that_is_changed_alone_is_found(decisions, change):
    number = decisions[4].pk
    tamper(f"UPDATE taxonomy_seal SET {change} WHERE decision_id = %s", number)
    assert found() == [Finding(number, Fault.FORGED)]


def swap(table, column, one, other):
    for old, new in ((one, 0), (other, one), (0, other)):
        tamper(f"UPDATE {table} SET {column} = %s WHERE {column} = %s", new, old)


def test_two_rows_that_change_places_are_found(decisions):
    first, second = decisions[1].pk, decisions[3].pk
    swap("taxonomy_decision", "id", first, second)
    assert found() == [Finding(first, Fault.CHANGED), Finding(second, Fault.CHANGED)]


def test_two_rows_that_change_places_with_their_seals_are_found(decisions):
    first, second = decisions[1].pk, decisions[2].pk
    swap("taxonomy_decision", "id", first, second)
    swap("taxonomy_seal", "decision_id", first, second)
    assert {one.decision for one in found()} >= {first, second}


def test_two_rows_that_change_places_with_seals_made_anew_are_found(decisions):
    first, second = decisions[1].pk, decisions[2].pk
    swap("taxonomy_decision", "id", first, second)
    forge(decisions[1])
    forge(decisions[2])
    assert [one.decision for one in found()] == [first, second]


def test_a_row_put_in_behind_the_seals_is_found(decisions):
    tamper("DELETE FROM taxonomy_tag")
    tamper("DELETE FROM taxonomy_decision WHERE id = %s", decisions[1].pk)
    tamper("DELETE FROM taxonomy_seal")
    sealing.seal()
    copy = Decision.objects.get(pk=decisions[3].pk)
    copy.pk = decisions[1].pk
    copy.save(force_insert=True)
    sealing.seal()
    assert found() == [Finding(decisions[1].pk, Fault.INSERTED)]


def test_a_row_put_in_with_a_seal_of_its_own_is_found(decisions):
    before = Seal.objects.get(pk=decisions[1].pk)
    cut_out(decisions[2])
    tamper("DELETE FROM taxonomy_decision WHERE id > %s", decisions[2].pk)
    tamper("DELETE FROM taxonomy_seal WHERE decision_id > %s", decisions[2].pk)
    later = decide(CuratorFactory())
    sealing.seal()
    put_in = Decision.objects.get(pk=decisions[0].pk)
    put_in.pk = decisions[2].pk
    put_in.save(force_insert=True)
    Seal.objects.create(
        decision_id=put_in.pk,
        follows=before.pk,
        before=bytes(before.digest),
        content=b"",
        digest=b"",
    )
    forge(put_in)
    assert later.pk > put_in.pk
    assert found() == [Finding(put_in.pk, Fault.INSERTED)]


def test_who_writes_the_chain_anew_is_found_by_the_head_that_was_kept(decisions):
    kept = str(sealing.head())
    tamper("UPDATE taxonomy_decision SET note = '' WHERE id = %s", decisions[2].pk)
    tamper("DELETE FROM taxonomy_seal")
    sealing.seal()
    assert check_trail()[1] == 0
    lines, code = check_trail("--head", kept)
    number = decisions[-1].pk
    assert lines[0] == f"decision {number}: the chain does not go through this head"
    assert code == 1


def test_a_kept_head_still_fits_when_decisions_were_added(decisions):
    kept = str(sealing.head())
    decide(CuratorFactory())
    lines, code = check_trail("--head", kept)
    assert (len(lines), code) == (2, 0)
    assert sealing.head().decision == Decision.objects.latest("pk").pk


def test_an_outsider_can_compute_the_head_from_the_records(decisions):
    digest = bytes(32)
    for chunk in trail.in_chunks(Decision.objects.all()):
        for decision in chunk:
            line = json.dumps(trail.record(decision), ensure_ascii=False, separators=(",", ":"))
            digest = sha256(digest + sha256(line.encode()).digest()).digest()
    assert sealing.head() == Head(decisions[-1].pk, digest)


@pytest.mark.parametrize(
    "statement", ["UPDATE taxonomy_seal SET content = ''", "DELETE FROM taxonomy_seal"]
)
def test_the_database_keeps_seals_as_they_are(decisions, statement):
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match="append-only"):
        cursor.execute(statement)


def test_a_name_that_is_changed_leaves_the_seal_as_it_is(decisions):
    user = decisions[0].actor
    user.username, user.shows_name = "somebody-else", False
    user.save()
    assert found() == []


def test_an_account_that_is_deleted_leaves_the_seals_as_they_are(decisions):
    people.delete_account(decisions[0].actor)
    assert Decision.objects.get(pk=decisions[0].pk).actor.username.startswith("deleted-")
    assert check_trail()[1] == 0


def test_nothing_is_sealed_past_a_number_that_is_still_in_flight():
    user, papers = CuratorFactory(), PaperFactory.create_batch(2)
    concepts = ConceptFactory.create_batch(2)  # they do not meet at a counter
    drawn, may_end = threading.Event(), threading.Event()

    def slowly():
        with transaction.atomic():
            decide(user, papers[0], concepts[0])
            drawn.set()
            may_end.wait(10)
        connection.close()

    slow = threading.Thread(target=slowly)
    slow.start()
    drawn.wait(10)
    later = decide(user, papers[1], concepts[1])
    assert sealing.seal(patience=0.1) == 0
    assert sealing.unsealed() == 1
    may_end.set()
    slow.join()
    assert sealing.seal() == 2
    assert sealing.head().decision == later.pk
    assert found() == []


def test_a_seal_waits_for_those_who_are_about_to_end_and_for_nobody_else():
    user, papers = CuratorFactory(), PaperFactory.create_batch(2)
    concepts = ConceptFactory.create_batch(2)
    drawn = threading.Event()

    def briefly():
        with transaction.atomic():
            decide(user, papers[0], concepts[0])
            drawn.set()
            threading.Event().wait(0.3)
        connection.close()

    brief = threading.Thread(target=briefly)
    brief.start()
    drawn.wait(10)
    decide(user, papers[1], concepts[1])
    sealed = sealing.seal(patience=10)
    brief.join()
    assert sealed == 2


def test_two_who_seal_at_once_make_each_seal_once():
    user = CuratorFactory()
    for _ in range(20):
        decide(user)
    barrier, made = threading.Barrier(2), []

    def run():
        barrier.wait()
        made.append(sealing.seal())
        connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(made) == Seal.objects.count() == 20
    assert found() == []


def test_a_seal_inside_a_transaction_is_refused():
    with transaction.atomic(), pytest.raises(transaction.TransactionManagementError):
        sealing.seal()


def test_a_text_that_is_no_head_is_refused():
    with pytest.raises(CommandError, match="A head is a number"):
        call_command("check_trail", "--head", "5:abc")


@given(st.text(max_size=90))
def test_any_text_is_a_head_or_is_refused(text):
    try:
        head = Head.parse(text)
    except HeadInvalid:
        return
    assert Head.parse(str(head)) == head


@given(st.integers(0, 10**18 - 1), st.binary(min_size=32, max_size=32))
def test_a_head_is_read_as_it_was_written(number, digest):
    assert Head.parse(str(Head(number, digest))) == Head(number, digest)


def test_the_task_of_every_minute_seals():
    made = decide(CuratorFactory())
    tasks.seal_decisions()
    assert sealing.head().decision == made.pk
