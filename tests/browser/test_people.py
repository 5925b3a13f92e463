"""Passkeys in a real browser, with a virtual authenticator; and every page of an account."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.hashers import make_password
from playwright.sync_api import expect

from taxonomy import people
from taxonomy.models import User
from taxonomy.people import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_mail(monkeypatch):
    monkeypatch.setattr("taxonomy.tasks.send_mail.delay", lambda *mail: None)


@pytest.fixture
def root(transactional_db):
    return people.give_role(UserFactory(username="root"), Role.ADMIN)


def with_authenticator(page):
    """A device that holds passkeys and says yes."""
    protocol = page.context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
    }
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return protocol


def test_a_passkey_is_made_and_signs_in_by_itself(open_page, root):
    page = open_page(f"/login/{people.make_login_link(root)}/")
    with_authenticator(page)
    page.get_by_role("button", name="Sign in as root").click()
    page.goto("/account/passkeys/add/")
    page.get_by_label("What you will call it").fill("My laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    passkey = Authenticator.objects.get(user=root, type="webauthn").wrap()
    assert (passkey.name, passkey.is_passwordless) == ("My laptop", True)
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login/?next=/account/sessions/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("heading", name="Where you are signed in")).to_be_visible()


def test_after_a_password_the_passkey_is_the_second_step(open_page, root):
    User.objects.filter(pk=root.pk).update(password=make_password("correct horse battery"))
    page = open_page("/login/")
    with_authenticator(page)
    enter_password(page)
    page.goto("/account/passkeys/add/")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.goto("/login/")
    enter_password(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("link", name="Account")).to_be_visible()


def enter_password(page):
    page.get_by_label("Name", exact=True).fill("root")
    page.get_by_role("textbox", name="Password").fill("correct horse battery")
    page.get_by_role("button", name="Sign in", exact=True).click()


def test_a_device_that_refuses_is_told_of_and_the_other_ways_remain(open_page, root):
    page = open_page("/login/")
    protocol = with_authenticator(page)
    protocol.send("WebAuthn.disable")
    page.evaluate("() => { navigator.credentials.get = () => Promise.reject(Error('no')); }")
    button = page.get_by_role("button", name="Sign in with a passkey")
    button.click()
    expect(page.get_by_role("alert")).to_contain_text("The passkey was not used")
    expect(button).to_be_focused()


def test_without_javascript_the_sign_in_page_offers_what_works(open_page, root):
    page = open_page("/login/", script=False)
    expect(page.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    expect(page.get_by_role("button", name="Send me a code")).to_be_visible()


BEFORE = "/account/app/add/ /account/passkeys/add/ /account/delete/ /account/email/".split()
AFTER = (
    "/account/ /account/sessions/ /account/tokens/ /account/password/set/ /account/codes/new/ "
    "/account/identities/ /people/ /people/invitations/"
).split()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_every_page_of_an_account_breaks_no_rule(open_page, axe, root, theme, width):
    EmailAddress.objects.create(user=root, email="root@example.org", verified=True)
    people.issue_token(root, "script")
    people.invite(root, Role.CURATOR, "Ada")
    page = open_page("/account/", user=root, theme=theme, width=width)
    for address in BEFORE:
        look(page, axe, address)
    TOTP.activate(root, "JBSWY3DPEHPK3PXP")
    for address in AFTER:  # what matters asks for the app first
        look(page, axe, address)


def look(page, axe, address):
    page.goto(address)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    assert (address, axe(page), wide) == (address, [], False)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_every_page_on_the_way_in_breaks_no_rule(open_page, axe, root, theme, width):
    secret = people.invite(root, Role.CURATOR)
    page = open_page("/login/", theme=theme, width=width)
    for address in ("/login/", "/login/code/", f"/join/{secret}/", "/login/closed/"):
        look(page, axe, address)
    page.goto("/login/code/")
    page.get_by_label("E-mail address").fill("nobody@example.org")
    page.get_by_role("button", name="Send me a code").click()
    expect(page.get_by_role("heading", name="Enter the code")).to_be_visible()
    assert axe(page) == []
