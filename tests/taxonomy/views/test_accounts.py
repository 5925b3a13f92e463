"""One's own account, people and invitations, as pages."""

import pytest
from django.urls import reverse

from taxonomy import people
from taxonomy.models import ApiToken, Invitation, Session, User
from taxonomy.people import Role
from tests.factories import UserFactory


@pytest.fixture
def root(client, db):
    user = people.give_role(UserFactory(username="root"), Role.ADMIN)
    client.force_login(user)
    return user


def test_an_invitation_leads_to_an_account_with_its_role(client, root):
    page = client.post(reverse("invitations"), {"role": "curator", "note": "Ada", "days": 7})
    link = page.context["link"]
    assert "kadai_invite_" in link
    assert "kadai_invite_" not in client.get(reverse("invitations")).text
    client.logout()
    asked = client.get(link)
    assert (asked.status_code, "root invites you" in asked.text) == (200, True)
    assert client.post(link, {"username": "root"}).status_code == 200  # the name is taken
    joined = client.post(link, {"username": "ada"})
    assert joined["Location"] == reverse("account")
    ada = User.objects.get(username="ada")
    assert people.role_of(ada) == Role.CURATOR
    assert client.get(reverse("account")).context["user"] == ada
    client.logout()
    assert (
        client.get(link).status_code == client.post(link, {"username": "bo"}).status_code == 410
    )


@pytest.mark.parametrize("name", ["Root", "deleted-7", "a b", ""])
def test_names_that_could_be_taken_for_others_are_refused(client, root, name):
    secret = people.invite(root, Role.READER)
    client.logout()
    page = client.post(reverse("join", args=[secret]), {"username": name})
    assert page.context["form"].errors["username"]
    assert Invitation.objects.get().state == "open"


def test_a_withdrawn_invitation_is_gone(client, root):
    secret = people.invite(root, Role.READER)
    client.post(reverse("withdraw-invitation", args=[Invitation.objects.get().pk]))
    assert client.get(reverse("join", args=[secret])).status_code == 410


@pytest.mark.parametrize("days", [-1, 0, 400])
def test_an_invitation_is_not_good_for_longer_than_is_offered(client, root, days):
    client.post(reverse("invitations"), {"role": "curator", "days": days})
    assert not Invitation.objects.exists()


def test_an_editor_is_offered_no_role_above_their_own(client, db):
    editor = people.give_role(UserFactory(), Role.EDITOR)
    client.force_login(editor)
    page = client.post(reverse("invitations"), {"role": "admin", "days": 7})
    assert page.context["form"].errors["role"]
    assert not Invitation.objects.exists()


def test_a_role_is_given_and_the_last_admin_keeps_theirs(client, root):
    ada = UserFactory(username="ada")
    client.post(reverse("set-role", args=[ada.pk]), {"role": "editor"})
    assert people.role_of(ada) == Role.EDITOR
    page = client.post(reverse("set-role", args=[root.pk]), {"role": "reader"}, follow=True)
    assert "Somebody must remain" in page.text
    assert people.role_of(root) == Role.ADMIN
    assert client.post(reverse("set-role", args=[ada.pk]), {"role": "king"}).status_code == 400


def test_an_account_is_closed_and_opened_again(client, root):
    ada = UserFactory(username="ada")
    for values, active in [({}, False), ({"open": "1"}, True)]:
        client.post(reverse("set-active", args=[ada.pk]), values)
        assert User.objects.get(pk=ada.pk).is_active == active


@pytest.mark.parametrize("more", [1, 3])
def test_the_list_of_people_costs_the_same_for_many(
    client, root, more, django_assert_num_queries
):
    for _ in range(more):
        people.give_role(UserFactory(), Role.CURATOR)
    with django_assert_num_queries(5):  # session, user, two of rights, count, page, groups
        response = client.get(reverse("people"))
    assert response.content.count(b'<tr id="person-') == more + 1


@pytest.mark.parametrize("more", [1, 3])
def test_the_list_of_invitations_costs_the_same_for_many(
    client, root, more, django_assert_num_queries
):
    for _ in range(more):
        people.invite(root, Role.READER)
    with django_assert_num_queries(4):  # session, user, two of rights, own role, page
        response = client.get(reverse("invitations"))
    assert response.content.count(b'<tr id="invitation-') == more


@pytest.mark.parametrize("more", [1, 3])
def test_the_list_of_tokens_costs_the_same_for_many(
    client, root, more, django_assert_num_queries
):
    for _ in range(more):
        people.issue_token(root, "script")
    with django_assert_num_queries(4):
        response = client.get(reverse("tokens"))
    assert response.content.count(b'<tr id="token-') == more


@pytest.mark.parametrize("more", [1, 3])
def test_the_list_of_sessions_costs_the_same_for_many(
    client, root, more, django_assert_num_queries
):
    for _ in range(more):
        type(client)().force_login(root)
    with django_assert_num_queries(3):
        response = client.get(reverse("sessions"))
    assert response.content.count(b'<li class="row apart" id="session-') == more + 1


def test_a_token_is_shown_once_and_stops_when_it_is_revoked(client, root):
    page = client.post(reverse("tokens"), {"name": "notebook", "scope": "curate", "days": 30})
    secret = page.context["secret"]
    assert secret in page.text
    assert secret not in client.get(reverse("tokens")).text
    token = ApiToken.objects.get()
    assert (token.scope, token.expires_at is not None) == ("curate", True)
    client.logout()
    headers = {"Authorization": f"Bearer {secret}"}
    assert client.get("/api/v1/review/next/", headers=headers).status_code in {200, 204}
    client.force_login(root)
    client.post(reverse("revoke-token", args=[token.pk]))
    client.logout()
    assert client.get("/api/v1/review/next/", headers=headers).status_code == 401


def test_a_reader_makes_tokens_that_read(client, reader):
    client.force_login(reader)
    page = client.post(reverse("tokens"), {"name": "x", "scope": "curate", "days": 30})
    assert page.context["form"].errors["scope"]
    client.post(reverse("tokens"), {"name": "x", "scope": "read", "days": 0})
    assert ApiToken.objects.get().expires_at is None


def test_a_session_is_signed_out_from_another(client, reader):
    client.force_login(reader)
    other = type(client)(HTTP_USER_AGENT="Another browser")
    other.force_login(reader)
    page = client.get(reverse("sessions"))
    elsewhere = Session.objects.exclude(pk=client.session.session_key).get()
    assert elsewhere.session_key not in page.text
    client.post(reverse("end-session", args=[elsewhere.public_id]))
    assert other.get(reverse("account")).status_code == 302
    other.force_login(reader)
    client.post(reverse("end-other-sessions"))
    assert other.get(reverse("account")).status_code == 302
    assert client.get(reverse("account")).status_code == 200


def test_an_account_is_deleted_by_whoever_types_its_name(client, reader):
    client.force_login(reader)
    address = reverse("delete-account")
    assert client.post(address, {"username": "other"}).context["wrong"]
    assert client.post(address, {"username": "reader"})["Location"] == "/"
    assert User.objects.get().username == f"deleted-{reader.pk}"
    assert client.get(reverse("account")).status_code == 302


def test_who_has_a_password_shows_it_again_before_leaving(client, reader):
    reader.set_password("correct horse battery")
    reader.save()
    client.force_login(reader)
    asked = client.post(reverse("delete-account"), {"username": "reader"})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert User.objects.get().deleted_at is None


def test_the_last_admin_does_not_leave(client, root):
    page = client.post(reverse("delete-account"), {"username": "root"})
    assert "Somebody must remain" in page.text
