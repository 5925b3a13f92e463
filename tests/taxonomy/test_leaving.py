"""Accounts that are closed or deleted: what they had begun lets nobody in and names nobody."""

import threading

import pytest
from django.db import connections

from config.management.commands.up import Command
from ingest.models import ConceptCandidate, SuggesterPolicy
from ingest.names import STOPPED_BY
from taxonomy import people
from taxonomy.models import Batch, Invitation, User
from taxonomy.people import Role
from tests.factories import HarvestFactory, UserFactory


@pytest.fixture
def root(db):
    return people.give_role(UserFactory(username="root"), Role.ADMIN)


@pytest.fixture
def editor(root):
    return people.give_role(UserFactory(username="editor"), Role.EDITOR)


def test_who_is_shut_out_does_not_come_back_by_their_own_invitation(editor):
    secret = people.invite(editor, Role.EDITOR)
    people.set_active(editor, False)
    assert people.find_invitation(secret) is None
    assert people.accept(secret, "again") is None
    people.set_active(editor, True)
    assert people.accept(secret, "again") is None


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"role": Role.CURATOR}, {"role": Role.READER}]
)
def test_an_invitation_made_at_the_moment_the_right_was_lost_is_good_for_nothing(
    editor, change
):
    """As if it had been written after the others were withdrawn."""
    secret = people.invite(editor, Role.READER)
    if "role" in change:
        people.give_role(editor, change["role"])
    else:
        people.set_active(editor, False)
    Invitation.objects.update(withdrawn_at=None)
    assert people.accept(secret, "again") is None
    assert not User.objects.filter(username="again").exists()


@pytest.mark.django_db(transaction=True)
def test_an_account_is_closed_or_its_invitation_accepted_and_then_no_more_of_them():
    people.give_role(UserFactory(username="root"), Role.ADMIN)
    editor = people.give_role(UserFactory(username="editor"), Role.EDITOR)
    secrets = [people.invite(editor, Role.CURATOR) for _ in range(4)]
    barrier = threading.Barrier(5)

    def run(action):
        barrier.wait()
        action()
        connections.close_all()

    actions = [lambda: people.set_active(editor, False)] + [
        lambda secret=secret, name=f"new{number}": people.accept(secret, name)
        for number, secret in enumerate(secrets)
    ]
    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    joined = User.objects.filter(username__startswith="new").count()
    states = sorted(one.state for one in Invitation.objects.all())
    assert states == ["used"] * joined + ["withdrawn"] * (4 - joined)


def test_whom_an_invitation_was_for_is_forgotten_with_the_account(root):
    secret = people.invite(root, Role.CURATOR, "Ada Lovelace, for a month")
    ada = people.accept(secret, "ada")
    people.delete_account(ada)
    found = Invitation.objects.get()
    assert (found.note, found.used_by) == ("", ada)


def test_a_deleted_name_is_gone_from_what_was_done_in_the_ingest(root):
    ada = people.create_curator("ada")
    runs = [HarvestFactory(error=STOPPED_BY.format(name)) for name in ("ada", "ada-2")]
    candidate = ConceptCandidate.objects.create(
        phrase="some", position=1, papers=1, recent=1, growth=1, dismissed_by="ada"
    )
    SuggesterPolicy.objects.create(changed_by="ada")
    people.delete_account(ada)
    for row in (*runs, candidate):
        row.refresh_from_db()
    now = f"deleted-{ada.pk}"
    assert [run.error for run in runs] == [f"stopped by {now}", "stopped by ada-2"]
    assert candidate.dismissed_by == SuggesterPolicy.objects.get().changed_by == now


def test_a_deleted_name_is_gone_from_what_batches_were_about(root):
    ada = people.create_curator("ada")
    batch = Batch.objects.create(
        kind="revert", selection={"person": "ada"}, made_by=root, key="k", expected=0, upto=0
    )
    people.delete_account(ada)
    batch.refresh_from_db()
    assert batch.selection == {"person": f"deleted-{ada.pk}"}


def test_kadai_starts_also_when_the_account_it_signs_in_is_closed(root):
    curator = people.create_curator("curator")
    assert "/login/kadai_login_" in Command().login_link()
    people.set_active(curator, False)
    assert Command().login_link() == ""
