"""What stands between an open browser, or many guesses, and an account."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.urls import reverse

from taxonomy import people
from taxonomy.models import ApiToken, Invitation, User
from taxonomy.people import Role
from tests.factories import UserFactory

PASSWORD = "correct horse battery"


@pytest.fixture
def root(client, db):
    """An admin who has a password and signed in some time ago."""
    user = people.give_role(UserFactory(username="root"), Role.ADMIN)
    user.set_password(PASSWORD)
    user.save()
    client.force_login(user)
    return user


@pytest.fixture
def mails(monkeypatch):
    """What the task was given to send."""
    sent = []
    monkeypatch.setattr("taxonomy.tasks.send_mail.delay", lambda *mail: sent.append(mail))
    return sent


@pytest.mark.parametrize(
    "names",
    [
        [" " * number + "root" for number in range(6)],
        ["root" + "\u3000" * number for number in range(6)],
        ["root", "ｒoot", "rｏot", "roｏt", "rooｔ", "ＲOOT"],
    ],
)
def test_no_spelling_of_a_name_begins_a_new_count(client, root, names):
    client.logout()
    heard = [
        client.post(reverse("login"), {"username": name, "password": "wrong"}).status_code
        for name in names
    ]
    assert heard == [200] * 5 + [429]


SENSITIVE = [
    ("account_email", {"email": "new@example.org", "action_add": ""}),
    ("tokens", {"name": "x", "scope": "admin", "days": 0}),
    ("invitations", {"role": "admin", "days": 7}),
]


@pytest.mark.parametrize(("page", "values"), SENSITIVE)
def test_an_open_browser_is_not_enough_to_make_a_lasting_way_in(
    client, root, mails, page, values, django_capture_on_commit_callbacks
):
    assert client.get(reverse(page)).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        asked = client.post(reverse(page), values)
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert [ApiToken.objects.count(), Invitation.objects.count(), len(mails)] == [0, 0, 0]


def test_nor_to_give_somebody_a_role(client, root):
    ada = UserFactory(username="ada")
    asked = client.post(reverse("set-role", args=[ada.pk]), {"role": "admin"})
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert people.role_of(ada) == Role.READER


def test_after_the_password_what_was_asked_for_is_done(client, root):
    asked = client.post(reverse("tokens"), {"name": "notebook", "scope": "read", "days": 30})
    page = client.post(asked["Location"], {"password": PASSWORD})
    assert page.context["secret"] in page.text
    assert ApiToken.objects.get().name == "notebook"
    client.post(reverse("tokens"), {"name": "second", "scope": "read", "days": 30})
    assert ApiToken.objects.count() == 2  # not asked again for a quarter of an hour


def test_a_login_link_lets_replace_a_lost_passkey(client, db):
    user = UserFactory(username="lost")
    user.set_unusable_password()
    user.save()
    Authenticator.objects.create(user=user, type="totp", data={"secret": "ABCDEFGH"})
    client.force_login(user)
    assert client.get(reverse("mfa_add_webauthn")).status_code == 302
    client.logout()
    client.post(reverse("login-link", args=[people.make_login_link(user)]))
    assert client.get(reverse("mfa_add_webauthn")).status_code == 200


def test_another_accounts_address_is_answered_like_any_other(
    client, mails, db, django_capture_on_commit_callbacks
):
    ada, bo = UserFactory(username="ada"), UserFactory(username="bo")
    for user in (ada, bo):
        user.set_unusable_password()
        user.save()
    EmailAddress.objects.create(user=ada, email="ada@example.org", verified=True, primary=True)
    client.force_login(bo)
    heard = []
    for email in ("ada@example.org", "free@example.org"):
        with django_capture_on_commit_callbacks(execute=True):
            found = client.post(reverse("account_email"), {"email": email, "action_add": ""})
        heard.append((found.status_code, found["Location"]))
    assert heard[0] == heard[1]


def test_no_mailbox_is_filled_with_codes_from_an_account(
    client, mails, db, django_capture_on_commit_callbacks
):
    user: User = UserFactory(username="bo")
    user.set_unusable_password()
    user.save()
    client.force_login(user)
    for _ in range(5):
        with django_capture_on_commit_callbacks(execute=True):
            page = client.post(
                reverse("account_email"), {"email": "eve@example.org", "action_add": ""}
            )
    assert "Too many tries" in page.text
    assert len(mails) == 3
