"""Signing in by link or password, and out."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from taxonomy import people
from taxonomy.models import LoginLink, Session, User
from tests.factories import UserFactory


@pytest.fixture
def ada(db):
    user = UserFactory(username="ada")
    user.set_password("correct horse battery")
    user.save()
    return user


def sign_in(client, password, **extra):
    return client.post(reverse("login"), {"username": "ada", "password": password, **extra})


def test_the_right_password_leads_to_the_page_that_was_wanted(client, ada):
    response = sign_in(client, "correct horse battery", next="/papers/")
    assert (response.status_code, response["Location"]) == (302, "/papers/")


def test_nobody_is_led_to_another_site(client, ada):
    response = sign_in(client, "correct horse battery", next="https://elsewhere.example/")
    assert response["Location"] == "/"


def test_five_wrong_passwords_close_the_door_for_a_while(client, ada):
    for _ in range(5):
        assert sign_in(client, "wrong").status_code == 200
    response = sign_in(client, "correct horse battery")
    assert response.status_code == 429
    assert response["Retry-After"] == "300"
    assert "Too many wrong passwords" in response.text


def test_a_link_asks_first_and_signs_in_once(client, ada):
    address = reverse("login-link", args=[people.make_login_link(ada)])
    assert "Sign in as ada" in client.get(address).text
    assert client.post(address)["Location"] == "/"  # no desk without rights
    client.post(reverse("logout"))
    assert client.post(address).status_code == 410
    assert client.get(address).status_code == 410


def test_signing_out_takes_a_post(client, ada):
    client.force_login(ada)
    assert client.get(reverse("logout")).status_code == 405
    assert client.post(reverse("logout"))["Location"] == "/"
    assert "_auth_user_id" not in client.session


def test_who_signed_out_in_one_process_is_signed_out_in_all(client, ada):
    client.force_login(ada)
    assert client.get(reverse("login")).status_code == 302
    Session.objects.all().delete()  # what another process leaves behind
    assert client.get(reverse("login")).status_code == 200


def test_an_expired_link_is_gone(client, ada):
    secret = people.make_login_link(ada)
    LoginLink.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert client.get(reverse("login-link", args=[secret])).status_code == 410


@pytest.mark.django_db
def test_create_curator_prints_a_link_that_works(client, capsys):
    call_command("create_curator", "bo")
    link = capsys.readouterr().out.strip()
    assert client.post(link.partition(":8000")[2])["Location"] == "/review/"
    assert people.open_account("bo").has_perm("taxonomy.add_decision")


@pytest.mark.django_db
def test_a_closed_account_gets_no_link():
    UserFactory(username="bo", is_active=False)
    with pytest.raises(CommandError, match="'bo' is closed"):
        call_command("create_curator", "bo")


@pytest.mark.django_db
def test_a_token_is_shown_once_and_kept_as_a_hash(capsys):
    call_command("create_token", "bo", scope="read", days=3)
    secret = capsys.readouterr().out.strip()
    token = people.open_account("bo").api_tokens.get()
    assert secret.startswith("kadai_")
    assert secret not in (token.secret_hash, token.hint)
    assert not people.open_account("bo").has_perm("taxonomy.add_decision")


def test_the_admin_lets_in_through_the_door_that_counts_wrong_passwords(client, ada):
    asked = client.get("/admin/", follow=True)
    assert asked.redirect_chain[-1] == ("/login/?next=/admin/", 302)
    assert client.post("/admin/login/", {"username": "ada"}).status_code == 405
    User.objects.update(is_staff=True)
    entered = sign_in(client, "correct horse battery", next="/admin/")
    assert entered["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_who_is_signed_in_and_not_of_the_staff_is_refused_by_the_admin(client, ada):
    client.force_login(ada)
    assert client.get("/admin/", follow=True).status_code == 403
