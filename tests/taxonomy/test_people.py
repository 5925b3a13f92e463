"""Accounts: of two who do the same at once, one does it, and nothing is left half done."""

import threading

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection, connections

from taxonomy import curation, people
from taxonomy.curation import Actor
from taxonomy.errors import AccountClosed, LastAdmin, NameTaken, RoleTooHigh
from taxonomy.models import ApiToken, Attempt, Decision, Invitation, Session, User
from taxonomy.people import Role
from taxonomy.people.limits import Limit
from taxonomy.people.roles import permissions_of
from taxonomy.session_store import SessionStore
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, UserFactory

at_once = pytest.mark.django_db(transaction=True)


def together(*actions):
    """What each returned, or the error it raised; all begin at the same moment."""
    barrier, found = threading.Barrier(len(actions)), [None] * len(actions)

    def run(number, action):
        barrier.wait()
        try:
            found[number] = action()
        except Exception as error:
            found[number] = type(error)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(number, action))
        for number, action in enumerate(actions)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def admin(name="root"):
    return people.give_role(UserFactory(username=name), Role.ADMIN)


def session_of(user):
    store = SessionStore()
    store["_auth_user_id"] = str(user.pk)
    store.create()
    return Session.objects.get(pk=store.session_key)


@at_once
def test_of_two_at_once_one_redeems_the_link():
    user = CuratorFactory(username="ada")
    secret = people.make_login_link(user)
    found = together(lambda: people.redeem(secret), lambda: people.redeem(secret))
    assert sorted(found, key=bool) == [None, user]


@pytest.mark.django_db
def test_making_a_curator_twice_makes_one():
    assert people.create_curator("ada") == people.create_curator("ada")


@pytest.mark.django_db
def test_making_a_curator_takes_no_role_away():
    assert people.role_of(people.create_curator("ada", Role.EDITOR)) == Role.EDITOR
    assert people.role_of(people.create_curator("ada")) == Role.EDITOR


@pytest.mark.django_db
def test_the_groups_have_exactly_the_permissions_of_their_roles():
    call_command("sync_roles")
    Group.objects.get(name="reader").permissions.set(
        Group.objects.get(name="admin").permissions.all()
    )
    Group.objects.get(name="editor").permissions.clear()
    call_command("sync_roles")
    for role in Role:
        held = Group.objects.get(name=role).permissions
        names = {
            f"{app}.{code}"
            for app, code in held.values_list("content_type__app_label", "codename")
        }
        assert names == permissions_of(role)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "staff"),
    [("reader", False), ("curator", False), ("editor", True), ("admin", True)],
)
def test_one_has_one_role_and_the_admin_site_opens_for_the_higher_ones(role, staff):
    admin()
    user = people.give_role(UserFactory(), Role.ADMIN)
    user = people.give_role(user, Role(role))
    assert [group.name for group in user.groups.all()] == [role]
    assert (people.role_of(user), user.is_staff) == (Role(role), staff)


@at_once
def test_two_admins_who_take_the_role_from_each_other_at_once_leave_one():
    one, two = admin("one"), admin("two")
    found = together(
        lambda: people.give_role(one, Role.READER), lambda: people.give_role(two, Role.READER)
    )
    assert LastAdmin in found
    assert [people.role_of(user) for user in User.objects.order_by("pk")].count("admin") == 1


@at_once
def test_two_admins_who_leave_at_once_leave_one():
    one, two = admin("one"), admin("two")
    found = together(lambda: people.delete_account(one), lambda: people.set_active(two, False))
    assert LastAdmin in found
    assert User.objects.filter(is_active=True).count() == 1


@at_once
def test_of_two_at_once_one_accepts_the_invitation():
    secret = people.invite(admin(), Role.CURATOR)
    found = together(lambda: people.accept(secret, "ada"), lambda: people.accept(secret, "bo"))
    assert found.count(None) == 1
    joined = User.objects.get(username__in=["ada", "bo"])
    assert joined in found
    assert people.role_of(joined) == Role.CURATOR
    assert Invitation.objects.get().used_by == joined


@at_once
def test_a_name_goes_to_one_of_two_and_the_other_invitation_stays_open():
    root = admin()
    secrets = [people.invite(root, Role.READER) for _ in range(2)]
    found = together(
        *(lambda secret=secret: people.accept(secret, "ada") for secret in secrets)
    )
    assert NameTaken in found
    assert sorted(one.state for one in Invitation.objects.all()) == ["open", "used"]


@at_once
def test_an_invitation_is_accepted_or_withdrawn_never_both():
    secret = people.invite(admin(), Role.READER)
    invitation = Invitation.objects.get()
    joined, withdrawn = together(
        lambda: people.accept(secret, "ada"), lambda: people.withdraw(invitation.pk)
    )
    assert (joined is None) == withdrawn


@pytest.mark.django_db
def test_nobody_invites_above_their_own_role():
    editor = people.give_role(UserFactory(), Role.EDITOR)
    assert people.invite(editor, Role.EDITOR).startswith("kadai_invite_")
    with pytest.raises(RoleTooHigh):
        people.invite(editor, Role.ADMIN)


@pytest.mark.django_db
def test_who_loses_the_role_loses_what_was_not_accepted_yet():
    editor = people.give_role(UserFactory(), Role.EDITOR)
    secret = people.invite(editor, Role.EDITOR)
    people.give_role(editor, Role.READER)
    assert people.accept(secret, "ada") is None


@at_once
def test_of_two_at_once_one_revokes_the_token():
    user = UserFactory()
    people.issue_token(user, "script")
    pk = ApiToken.objects.get().pk
    revoke = lambda: people.revoke_token(user, pk)  # noqa: E731
    assert sorted(together(revoke, revoke)) == [False, True]


@pytest.mark.django_db
def test_nobody_revokes_or_ends_what_is_another_persons():
    mine, other = UserFactory(), UserFactory()
    people.issue_token(other, "script")
    assert not people.revoke_token(mine, ApiToken.objects.get().pk)
    assert not people.end_session(mine, session_of(other).public_id)
    assert people.end_other_sessions(mine, None) == 0
    assert ApiToken.objects.usable().count() == Session.objects.count() == 1


@at_once
def test_of_two_at_once_one_ends_the_session():
    user = UserFactory()
    name = session_of(user).public_id
    end = lambda: people.end_session(user, name)  # noqa: E731
    assert sorted(together(end, end)) == [False, True]


@at_once
def test_two_who_sign_out_everywhere_else_at_once_sign_out_both():
    user = UserFactory()
    one, two = session_of(user), session_of(user)
    together(
        lambda: people.end_other_sessions(user, one.pk),
        lambda: people.end_other_sessions(user, two.pk),
    )
    assert not Session.objects.exists()


@at_once
def test_of_many_at_once_no_more_try_than_the_limit_says():
    limit = Limit("test", tries=3, seconds=60)
    assert sorted(together(*[lambda: limit.spend("ada")] * 8)) == [False] * 5 + [True] * 3
    limit.forget("ada")
    assert limit.spend("ada")


@pytest.mark.django_db
def test_a_limit_begins_anew_when_its_time_is_over_and_leaves_nothing_behind():
    limit = Limit("test", tries=1, seconds=60)
    assert [limit.spend("ada"), limit.spend("ada"), limit.spend("bo")] == [True, False, True]
    Attempt.objects.update(resets_at="2020-01-01T00:00:00Z")
    assert limit.spend("ada")
    limit.spend("cy")
    assert Attempt.objects.count() == 2  # that of bo is swept


@pytest.mark.django_db
def test_a_deleted_account_keeps_its_decisions_and_nothing_else():
    ada = people.create_curator("ada")
    decision = curation.decide(
        paper=PaperFactory(),
        concept=ConceptFactory(),
        verdict="accept",
        actor=Actor.person(ada),
    )
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    User.objects.filter(pk=ada.pk).update(email="ada@example.org", first_name="Ada")
    people.issue_token(ada, "script")
    people.make_login_link(ada)
    session_of(ada)
    gone = people.delete_account(ada)
    assert Decision.objects.get(pk=decision.pk).actor == gone
    row = User.objects.values().get(pk=ada.pk)
    assert row["username"] == f"deleted-{ada.pk}"
    assert {row["email"], row["first_name"], row["last_name"], row["last_login"]} == {"", None}
    assert (row["is_active"], gone.has_usable_password()) == (False, False)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM account_emailaddress")
        assert cursor.fetchone() == (0,)
    left = [ApiToken, Session]
    assert [model.objects.count() for model in left] == [0, 0]
    assert not gone.login_links.exists()
    assert people.role_of(gone) == Role.READER
    with pytest.raises(AccountClosed):
        people.set_active(gone, True)


@at_once
def test_an_account_is_deleted_once_even_by_two_at_once():
    ada = people.create_curator("ada")
    found = together(lambda: people.delete_account(ada), lambda: people.delete_account(ada))
    assert found == [ada, ada]
    assert User.objects.get().username == f"deleted-{ada.pk}"


@at_once
def test_an_account_closed_and_deleted_at_once_is_deleted():
    ada = people.create_curator("ada")
    together(lambda: people.delete_account(ada), lambda: people.set_active(ada, False))
    found = User.objects.get()
    assert (found.is_active, found.deleted_at is not None) == (False, True)


@pytest.mark.django_db
def test_a_closed_account_is_signed_out_and_its_tokens_stop():
    ada = people.create_curator("ada")
    people.issue_token(ada, "script")
    session_of(ada)
    people.set_active(ada, False)
    assert not Session.objects.exists()
    assert not ApiToken.objects.usable().exists()
    people.set_active(ada, True)
    assert ApiToken.objects.usable().exists()
