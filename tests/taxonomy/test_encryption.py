"""What second factors rest on, encrypted in the database."""

import threading
import time
from importlib import import_module

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.errors import SecretUnreadable
from taxonomy.people import encryption
from tests.factories import UserFactory

SECRET = "JBSWY3DPEHPK3PXP"
SEED = "ab" * 40


@pytest.fixture
def ada(db):
    user = UserFactory(username="ada")
    user.set_password("correct horse battery")
    user.save()
    return user


@pytest.fixture
def rotated(settings):
    """Changes the key of the site; the former one stays behind or not."""

    def rotate(keep=True):
        former = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
        settings.SECRET_KEY = f"what comes after {settings.SECRET_KEY}"
        settings.SECRET_KEY_FALLBACKS = former if keep else []

    return rotate


def code_now():
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))


def stored():
    return {one.type: one.data for one in Authenticator.objects.all()}


@given(st.text())
def test_any_text_comes_back(text):
    kept = encryption.encrypt(text)
    assert encryption.decrypt(kept) == encryption.decrypt(encryption.renew(kept)) == text


def test_the_same_text_is_never_kept_the_same():
    assert encryption.encrypt(SECRET) != encryption.encrypt(SECRET)


def test_nothing_in_the_database_gives_a_code(ada):
    TOTP.activate(ada, SECRET)
    codes = RecoveryCodes.activate(ada)
    data = stored()
    assert data["totp"]["secret"].startswith(encryption.MARK)
    assert SECRET not in str(data)
    assert data["recovery_codes"]["seed"].startswith(encryption.MARK)
    code = codes.get_unused_codes()[0]
    assert codes.validate_code(code) is True
    assert codes.validate_code(code) is False
    assert Authenticator.objects.get(type="totp").wrap().validate_code(code_now()) is True


def test_what_was_kept_in_clear_is_read_and_encrypted_by_the_migration(ada):
    Authenticator.objects.create(user=ada, type="totp", data={"secret": SECRET})
    Authenticator.objects.create(
        user=ada, type="recovery_codes", data={"seed": SEED, "used_mask": 1}
    )
    Authenticator.objects.create(user=ada, type="webauthn", data={"name": "key"})
    before = stored()
    left = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    migration = import_module("taxonomy.migrations.0015_secrets_encrypted")
    migration.encrypt(apps, None)
    data = stored()
    assert data["totp"]["secret"] != SECRET
    assert data["recovery_codes"] == {"seed": data["recovery_codes"]["seed"], "used_mask": 1}
    assert SEED not in str(data)
    assert data["webauthn"] == before["webauthn"]
    after = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    assert after == left
    migration.decrypt(apps, None)
    assert stored() == before


def test_a_former_key_reads_until_it_is_taken_out(ada, rotated):
    TOTP.activate(ada, SECRET)
    rotated()
    kept = stored()["totp"]["secret"]
    assert encryption.decrypt(kept) == SECRET
    rotated(keep=False)
    with pytest.raises(SecretUnreadable, match="key of this site was changed"):
        encryption.decrypt(kept)


def test_the_command_makes_the_former_key_needless(ada, rotated, settings, capsys):
    TOTP.activate(ada, SECRET)
    RecoveryCodes.activate(ada)
    rotated()
    call_command("renew_secrets")
    assert capsys.readouterr().out == "Second factors under the present key now: 2.\n"
    settings.SECRET_KEY_FALLBACKS = []
    assert encryption.decrypt(stored()["totp"]["secret"]) == SECRET
    call_command("renew_secrets")
    assert capsys.readouterr().out == "Second factors under the present key now: 0.\n"
    rotated(keep=False)
    before = stored()
    call_command("renew_secrets")
    assert "Not to be read with any key that is given: 2." in capsys.readouterr().err
    assert stored() == before


@pytest.mark.django_db(transaction=True)
def test_a_code_used_while_secrets_are_renewed_stays_used(rotated):
    codes = RecoveryCodes.activate(UserFactory())
    code = codes.get_unused_codes()[0]
    rotated()
    together = threading.Barrier(2)

    def work(act):
        together.wait()
        act()
        connection.close()

    acts = [encryption.renew_all, lambda: codes.validate_code(code)]
    workers = [threading.Thread(target=work, args=(act,)) for act in acts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    now = Authenticator.objects.get().wrap()
    assert now.validate_code(code) is False
    encryption.renew_all()
    assert now.instance.data["used_mask"] == 1


def test_who_cannot_be_checked_any_more_is_told_why(client, ada, rotated):
    TOTP.activate(ada, SECRET)
    rotated(keep=False)
    values = {"username": "ada", "password": "correct horse battery"}
    second = client.post(reverse("login"), values)["Location"]
    answer = client.post(second, {"code": code_now()})
    assert "The key of this site was changed" in answer.text
    assert "_auth_user_id" not in client.session


def test_recovery_codes_that_cannot_be_read_are_made_anew(client, ada, rotated):
    RecoveryCodes.activate(ada)
    rotated(keep=False)
    values = {"username": "ada", "password": "correct horse battery"}
    client.post(reverse("login"), values)
    assert "0 left" in client.get(reverse("account")).text
    for name in ("view", "generate", "download"):
        page = client.get(reverse(f"mfa_{name}_recovery_codes")).text
        assert "none of them lets you in" in page
    client.post(reverse("mfa_generate_recovery_codes"))
    page = client.get(reverse("mfa_view_recovery_codes")).text
    assert page.count("<li>") >= 10
