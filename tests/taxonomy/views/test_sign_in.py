"""Signing in by e-mail code, with a second factor, by an identity elsewhere; and the limits."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from allauth.socialaccount.models import SocialAccount
from django.urls import reverse

from taxonomy.models import Session
from tests.factories import UserFactory

SECRET = "JBSWY3DPEHPK3PXP"
PASSWORD = "correct horse battery"


@pytest.fixture
def ada(db):
    user = UserFactory(username="ada")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email="ada@example.org", verified=True, primary=True)
    return user


@pytest.fixture
def mails(monkeypatch):
    """What the task was given to send."""
    sent = []
    monkeypatch.setattr("taxonomy.tasks.send_mail.delay", lambda *mail: sent.append(mail))
    return sent


@pytest.fixture
def ask(client, mails, django_capture_on_commit_callbacks):
    def asking(email, **headers):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(
                reverse("account_request_login_code"), {"email": email}, **headers
            )

    return asking


def code_in(mail):
    return next(line for line in mail[1].splitlines() if "-" in line and " " not in line)


def signed_in(client):
    return client.session.get("_auth_user_id")


def test_a_code_by_mail_signs_in_and_the_session_says_where_from(client, ada, ask, mails):
    response = ask("ada@example.org")
    [mail] = mails
    assert mail[2] == ["ada@example.org"]
    assert "ada@example.org" in client.get(response["Location"]).text
    entered = client.post(
        response["Location"], {"code": code_in(mail)}, HTTP_USER_AGENT="A browser"
    )
    assert (entered["Location"], signed_in(client)) == ("/", str(ada.pk))
    session = Session.objects.get(user=ada)
    assert (session.agent, session.address) == ("A browser", "127.0.0.1")


def test_who_has_no_account_hears_the_same_and_gets_no_mail(client, ada, ask, mails):
    known, unknown = ask("ada@example.org"), ask("eve@example.org")
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [mail[2] for mail in mails] == [["ada@example.org"], []]


def test_three_wrong_codes_use_the_code_up(client, ada, ask, mails):
    address = ask("ada@example.org")["Location"]
    for _ in range(3):
        client.post(address, {"code": "nothing"})
    client.post(address, {"code": code_in(mails[0])})
    assert signed_in(client) is None


def test_an_address_is_sent_three_codes_in_ten_minutes_from_wherever(ada, ask, mails):
    for number in range(3):
        assert ask("ada@example.org", REMOTE_ADDR=f"10.0.0.{number}").status_code == 302
    refused = ask("Ada@example.org", REMOTE_ADDR="10.0.0.9")
    assert "Too many tries" in refused.text
    assert len(mails) == 3


def wrong_password(client, **headers):
    values = {"username": "ada", "password": "wrong"}
    return client.post(reverse("login"), values, **headers).status_code


def test_forwarded_addresses_count_only_behind_a_proxy_of_ours(client, ada, settings):
    for number in range(5):
        assert wrong_password(client, HTTP_X_FORWARDED_FOR=f"10.0.0.{number}") == 200
    assert wrong_password(client, HTTP_X_FORWARDED_FOR="10.0.0.9") == 429
    settings.KADAI_PROXIES = 1
    assert wrong_password(client, HTTP_X_FORWARDED_FOR="10.0.0.8, 10.0.0.9") == 200
    for _ in range(4):
        wrong_password(client, HTTP_X_FORWARDED_FOR="10.0.0.7, 10.0.0.9")
    assert wrong_password(client, HTTP_X_FORWARDED_FOR="10.0.0.6, 10.0.0.9") == 429


def test_an_ipv6_network_counts_as_one_address(client, ada):
    for number in range(5):
        wrong_password(client, REMOTE_ADDR=f"2001:db8::{number}")
    assert wrong_password(client, REMOTE_ADDR="2001:db8::ffff") == 429
    assert wrong_password(client, REMOTE_ADDR="2001:db8:0:1::1") == 200


def test_one_account_is_not_tried_from_everywhere(client, ada):
    heard = [wrong_password(client, REMOTE_ADDR=f"10.0.0.{number}") for number in range(51)]
    assert heard == [200] * 50 + [429]


def code_now(ahead=0):
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + ahead))


@pytest.fixture
def halfway(client, ada):
    """The password was right; the second step is asked for."""
    TOTP.activate(ada, SECRET)
    response = client.post(reverse("login"), {"username": "ada", "password": PASSWORD})
    assert response["Location"] == reverse("mfa_authenticate")
    assert signed_in(client) is None
    return response["Location"]


def test_the_second_factor_is_asked_for_after_the_password(client, ada, halfway):
    client.post(halfway, {"code": code_now()})
    assert signed_in(client) == str(ada.pk)


def test_a_second_factor_is_asked_for_after_an_e_mail_code_too(client, ada, ask, mails):
    TOTP.activate(ada, SECRET)
    address = ask("ada@example.org")["Location"]
    response = client.post(address, {"code": code_in(mails[0])})
    assert response["Location"] == reverse("mfa_authenticate")
    assert signed_in(client) is None


def test_a_recovery_code_lets_in_once(client, ada, halfway):
    code = RecoveryCodes.activate(ada).get_unused_codes()[0]
    client.post(halfway, {"code": code})
    assert signed_in(client) == str(ada.pk)
    client.logout()
    client.post(reverse("login"), {"username": "ada", "password": PASSWORD})
    client.post(halfway, {"code": code})
    assert signed_in(client) is None


def test_a_code_is_used_once_also_when_another_process_saw_it(client, ada, halfway):
    from django.core.cache import cache

    code = code_now()
    client.post(halfway, {"code": code})
    client.logout()
    cache.clear()  # as in the other process
    client.post(reverse("login"), {"username": "ada", "password": PASSWORD})
    assert "used already" in client.post(halfway, {"code": code}).text


def test_ten_second_factors_in_ten_minutes_and_no_more(client, ada, halfway):
    for _ in range(10):
        client.post(halfway, {"code": "000000"})
    assert "Too many tries" in client.post(halfway, {"code": code_now()}).text
    assert signed_in(client) is None


def test_a_closed_account_does_not_get_in_with_the_right_code(client, ada, ask, mails):
    address = ask("ada@example.org")["Location"]
    ada.is_active = False
    ada.save()
    client.post(address, {"code": code_in(mails[0])})
    assert signed_in(client) is None


class Elsewhere(BaseHTTPRequestHandler):
    """A provider of OpenID Connect that says what the test wants."""

    subject = "0000-0001"

    def _say(self, value):
        body = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        root = self.server.root
        self._say(
            {
                "issuer": root,
                "authorization_endpoint": f"{root}/authorize",
                "token_endpoint": f"{root}/token",
                "jwks_uri": f"{root}/keys",
                "userinfo_endpoint": f"{root}/userinfo",
            }
        )

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        self.server.asked = parse_qs(self.rfile.read(length).decode())
        now = int(time.time())
        claims = {"iss": self.server.root, "aud": "kadai", "sub": self.subject}
        token = jwt.encode(claims | {"iat": now, "exp": now + 60}, "x" * 32, "HS256")
        self._say({"access_token": "a", "token_type": "Bearer", "id_token": token})

    def log_message(self, *args):
        pass


@contextmanager
def serving():
    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        server.root = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def elsewhere(settings):
    with serving() as server:
        app = {"provider_id": "lab", "name": "The Lab", "client_id": "kadai", "secret": "s"}
        rules = {"server_url": server.root, "scope": ["openid"], "fetch_userinfo": False}
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app | {"settings": rules}]}
        }
        yield server


def there_and_back(client, process="login"):
    begin = reverse("openid_connect_login", args=["lab"]) + f"?process={process}"
    asked = urlsplit(client.post(begin)["Location"])
    values = {name: found[0] for name, found in parse_qs(asked.query).items()}
    assert (values["scope"], values["code_challenge_method"]) == ("openid", "S256")
    back = reverse("openid_connect_callback", args=["lab"])
    return client.get(back, {"code": "c", "state": values["state"]})


def test_a_connected_identity_signs_in(client, ada, elsewhere):
    client.post(reverse("login"), {"username": "ada", "password": PASSWORD})
    there_and_back(client, "connect")
    assert SocialAccount.objects.get(user=ada).uid == "0000-0001"
    client.logout()
    assert there_and_back(client)["Location"] == "/"
    assert signed_in(client) == str(ada.pk)
    assert elsewhere.asked["code_verifier"]


def test_no_identity_is_connected_from_a_browser_that_was_left_open(client, ada, elsewhere):
    client.force_login(ada)  # as one who signed in long ago
    asked = there_and_back(client, "connect")
    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert not SocialAccount.objects.exists()
    client.post(asked["Location"], {"password": PASSWORD})
    assert SocialAccount.objects.get(user=ada).uid == "0000-0001"


def test_an_identity_that_nobody_connected_makes_no_account(client, ada, elsewhere):
    assert "No account belongs to this identity" in there_and_back(client).text
    assert signed_in(client) is None
    assert not SocialAccount.objects.exists()


def test_an_answer_that_nobody_asked_for_signs_nobody_in(client, ada, elsewhere):
    SocialAccount.objects.create(user=ada, provider="lab", uid="0000-0001")
    back = reverse("openid_connect_callback", args=["lab"])
    client.get(back, {"code": "c", "state": "made-up"})
    assert signed_in(client) is None


def test_an_identity_does_not_step_round_the_second_factor(client, ada, elsewhere):
    SocialAccount.objects.create(user=ada, provider="lab", uid="0000-0001")
    TOTP.activate(ada, SECRET)
    assert there_and_back(client)["Location"] == reverse("mfa_authenticate")
    assert signed_in(client) is None


def test_nobody_signs_up(client, db):
    for address in ("/account/signup/", "/accounts/signup/", "/signup/"):
        assert client.get(address).status_code == 404
