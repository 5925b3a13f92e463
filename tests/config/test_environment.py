"""Settings fail loudly, and `.env` never overrides what is set."""

import base64
import os
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.environment import (
    PREPARE_AFTER,
    LanguageModel,
    MailServer,
    env_bool,
    env_list,
    env_number,
    http_address,
    identity_providers,
    language_model_of,
    origin_of,
    parse_database_url,
    parse_email_url,
    read_dotenv,
    secret_key,
    webhook_secrets,
)


def test_dotenv_fills_what_is_not_set(tmp_path, monkeypatch):
    monkeypatch.setenv("KADAI_TEST_A", "from outside")
    monkeypatch.delenv("KADAI_TEST_B", raising=False)
    (tmp_path / ".env").write_text(
        "# a comment\nKADAI_TEST_A=file\nexport KADAI_TEST_B='two words'\n"
    )
    read_dotenv(tmp_path / ".env")
    assert os.environ["KADAI_TEST_A"] == "from outside"
    assert os.environ.pop("KADAI_TEST_B") == "two words"


def test_a_bad_line_of_dotenv_is_named(tmp_path):
    (tmp_path / ".env").write_text("A=1\nnonsense\n")
    with pytest.raises(ImproperlyConfigured, match="line 2: expected NAME=value"):
        read_dotenv(tmp_path / ".env")


@pytest.mark.parametrize(
    ("value", "meant"), [("on", True), ("NO", False), ("1", True), ("false", False), ("", True)]
)
def test_switches_are_read_in_the_usual_words(monkeypatch, value, meant):
    monkeypatch.setenv("KADAI_TEST_A", value)
    assert env_bool("KADAI_TEST_A", True) is meant


def test_an_odd_switch_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("KADAI_TEST_A", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="KADAI_TEST_A is 'perhaps': expected on"):
        env_bool("KADAI_TEST_A", True)


@pytest.mark.parametrize("value", ["soon", "-1", "99999"])
def test_a_number_out_of_reach_is_refused_by_name(monkeypatch, value):
    monkeypatch.setenv("KADAI_TEST_A", value)
    with pytest.raises(ImproperlyConfigured, match="KADAI_TEST_A is"):
        env_number("KADAI_TEST_A", 3, least=0, most=3600)


def test_lists_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("KADAI_TEST_A", " a, ,b ")
    assert env_list("KADAI_TEST_A", []) == ["a", "b"]


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path, monkeypatch):
    monkeypatch.delenv("DJANGO_SECRET_KEY")
    key = secret_key(tmp_path / "home")
    assert secret_key(tmp_path / "home") == key
    assert len(key) > 50
    assert (tmp_path / "home" / "secret-key").stat().st_mode & 0o077 == 0


def test_a_database_url_may_name_a_socket():
    found = parse_database_url("DATABASE_URL", "postgresql://me:p%40ss@/atlas?host=/run/pg")
    assert (found["HOST"], found["PASSWORD"], found["NAME"]) == ("/run/pg", "p@ss", "atlas")


def test_a_database_url_may_say_that_its_pooler_keeps_no_prepared_statements():
    prepares, never = (
        parse_database_url("DATABASE_URL", f"postgresql://me@db/atlas{query}")["OPTIONS"]
        for query in ("?sslmode=require", "?sslmode=require&prepare=off")
    )
    assert never == {"sslmode": "require"}
    assert prepares == {"sslmode": "require", "prepare_threshold": PREPARE_AFTER}


@given(st.text(max_size=60))
def test_any_database_url_is_read_or_refused_by_name(url):
    try:
        found = parse_database_url("DATABASE_URL", url)
    except ImproperlyConfigured as error:
        found = {"NAME": str(error)}
    except ValueError as error:  # urlsplit and its port say what is wrong themselves
        found = {"NAME": str(error)}
    assert found["NAME"]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("", MailServer("localhost", 25, "", "", starttls=False, tls=False)),
        (
            "smtp://ada%40example.org:p%2Fw@mail.example.org",
            MailServer(
                "mail.example.org", 587, "ada@example.org", "p/w", starttls=True, tls=False
            ),
        ),
        (
            "smtp://mail.example.org:2525?tls=off",
            MailServer("mail.example.org", 2525, "", "", starttls=False, tls=False),
        ),
        (
            "smtps://mail.example.org",
            MailServer("mail.example.org", 465, "", "", starttls=False, tls=True),
        ),
    ],
)
def test_a_mail_server_is_read_from_its_address(url, server):
    assert parse_email_url("EMAIL_URL", url) == server


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "http://a",
        "smtp://",
        "smtp://a:x",
        "smtp://a?tls=maybe",
        "smtp://a?x=1",
    ],
)
def test_another_mail_server_is_a_clear_error(url):
    with pytest.raises(ImproperlyConfigured, match=r"EMAIL_URL must look like smtp://"):
        parse_email_url("EMAIL_URL", url)


def test_webhook_secrets_are_read_with_and_without_their_prefix(monkeypatch):
    key = base64.b64encode(b"k" * 32).decode()
    monkeypatch.setenv("MADE_UP", f"whsec_{key}, {key}")
    assert webhook_secrets("MADE_UP") == [b"k" * 32] * 2


@pytest.mark.parametrize("text", ["whsec_", "whsec_c2hvcnQ=", "not base64 at all", "é"])
def test_a_webhook_secret_that_nobody_can_use_is_a_clear_error(monkeypatch, text):
    monkeypatch.setenv("MADE_UP", text)
    with pytest.raises(ImproperlyConfigured, match="MADE_UP must be whsec_"):
        webhook_secrets("MADE_UP")


@pytest.mark.parametrize("text", ["ftp://example.org", "example.org/hook", "https://"])
def test_what_is_no_web_address_is_a_clear_error(monkeypatch, text):
    monkeypatch.setenv("MADE_UP", text)
    with pytest.raises(ImproperlyConfigured, match="MADE_UP must begin with https://"):
        http_address("MADE_UP")
    monkeypatch.setenv("MADE_UP", "https://example.org/hook")
    assert http_address("MADE_UP") == "https://example.org/hook"


def test_orcid_needs_no_address_and_another_provider_does(monkeypatch):
    for name, value in [("", "orcid,lab"), ("_ORCID_CLIENT", "a"), ("_ORCID_SECRET", "b"),
                        ("_LAB_CLIENT", "c"), ("_LAB_SECRET", "d")]:  # fmt: skip
        monkeypatch.setenv(f"KADAI_OIDC{name}", value)
    with pytest.raises(ImproperlyConfigured, match="names lab: set KADAI_OIDC_LAB_URL too"):
        identity_providers("KADAI_OIDC")
    monkeypatch.setenv("KADAI_OIDC_LAB_URL", "https://id.example.org/realm")
    orcid, lab = identity_providers("KADAI_OIDC")
    assert (orcid.name, orcid.url, orcid.client) == ("ORCID", "https://orcid.org", "a")
    assert origin_of(lab.url) == "https://id.example.org"
    monkeypatch.setenv("KADAI_OIDC", "My Lab")
    with pytest.raises(ImproperlyConfigured, match="small letters"):
        identity_providers("KADAI_OIDC")


def language_model(monkeypatch, **values):
    parts = "URL MODEL KEY PRICE_IN PRICE_OUT MONTHLY_LIMIT DAILY_LIMIT ANSWER_TOKENS WEIGHT"
    for part in parts.split():
        monkeypatch.setenv(f"KADAI_LLM_{part}", values.get(part, ""))
    return language_model_of("KADAI_LLM")


OWN = {"URL": "http://127.0.0.1:9/v1/", "MODEL": "own", "PRICE_IN": "0", "PRICE_OUT": "0",
       "MONTHLY_LIMIT": "0"}  # fmt: skip


def test_without_an_address_there_is_no_language_model(monkeypatch):
    assert language_model(monkeypatch, MODEL="own", KEY="x") == LanguageModel()


def test_a_language_model_is_read_with_its_prices_and_limits(monkeypatch):
    found = language_model(
        monkeypatch, **{**OWN, "PRICE_IN": "0.15", "MONTHLY_LIMIT": "5", "DAILY_LIMIT": "0.5"}
    )
    assert found == LanguageModel(
        url="http://127.0.0.1:9/v1",
        model="own",
        price_in=Decimal("0.15"),
        monthly_limit=Decimal(5),
        daily_limit=Decimal("0.5"),
    )


@pytest.mark.parametrize("part", ["MODEL", "PRICE_IN", "PRICE_OUT", "MONTHLY_LIMIT"])
def test_what_a_language_model_costs_must_be_said(monkeypatch, part):
    with pytest.raises(ImproperlyConfigured, match=f"set KADAI_LLM_{part} too"):
        language_model(monkeypatch, **{**OWN, part: ""})


@pytest.mark.parametrize(
    ("part", "value"),
    [("URL", "ftp://x"), ("PRICE_IN", "-1"), ("PRICE_OUT", "nan"), ("WEIGHT", "1.1"),
     ("DAILY_LIMIT", "much"), ("ANSWER_TOKENS", "0"), ("MODEL", "m" * 121)],
)  # fmt: skip
def test_a_language_model_that_cannot_be_is_refused_by_name(monkeypatch, part, value):
    with pytest.raises(ImproperlyConfigured, match=f"KADAI_LLM_{part}"):
        language_model(monkeypatch, **{**OWN, part: value})
