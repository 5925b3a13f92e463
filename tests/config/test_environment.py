"""Settings fail loudly, and `.env` never overrides what is set."""

import os

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from config.environment import (
    env_bool,
    env_list,
    env_number,
    parse_database_url,
    read_dotenv,
    secret_key,
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


@given(st.text(max_size=60))
def test_any_database_url_is_read_or_refused_by_name(url):
    try:
        found = parse_database_url("DATABASE_URL", url)
    except ImproperlyConfigured as error:
        found = {"NAME": str(error)}
    except ValueError as error:  # urlsplit and its port say what is wrong themselves
        found = {"NAME": str(error)}
    assert found["NAME"]
