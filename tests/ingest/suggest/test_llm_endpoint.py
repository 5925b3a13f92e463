"""One request to a language model, over real HTTP, and what can become of it."""

import time
from decimal import Decimal

import pytest

from ingest.suggest import llm_endpoint
from ingest.suggest.llm_endpoint import Endpoint, NoAnswer, Reply, ask
from tests.ingest.suggest.llm_server import FakeModel

MESSAGES = [{"role": "user", "content": "a question"}]


@pytest.fixture
def fake():
    with FakeModel() as server:
        yield server


def endpoint(fake, **values):
    return Endpoint(**{"url": fake.url, "model": "made-up", "key": "secret"} | values)


def failure(fake, *faults):
    fake.faults = list(faults)
    with pytest.raises(NoAnswer) as caught:
        ask(endpoint(fake), MESSAGES)
    return caught.value


def test_it_asks_as_the_interface_wants_it(fake):
    fake.content = "hello"
    assert ask(endpoint(fake), MESSAGES) == Reply("hello", 1000, 10, is_cut=False)
    headers, body = fake.log[0]
    assert headers["Authorization"] == "Bearer secret"
    assert body == {
        "model": "made-up",
        "messages": MESSAGES,
        "temperature": 0,
        "response_format": {"type": "json_object"},
        "max_tokens": 1000,
    }


def test_without_a_key_none_is_sent_not_even_one_of_a_netrc_file(fake, tmp_path, monkeypatch):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    ask(endpoint(fake, key=""), MESSAGES)
    assert "Authorization" not in fake.log[0][0]


def test_a_server_that_does_not_know_an_option_is_asked_without_it(fake):
    fake.faults = ["no temperature", "no format", "newer end"]
    ask(endpoint(fake, most_tokens=50), MESSAGES)
    assert len(fake.log) == 4
    assert fake.asked == {
        "model": "made-up", "messages": MESSAGES, "max_completion_tokens": 50
    }  # fmt: skip


def test_an_end_to_the_answer_is_never_given_up(fake):
    failure(fake, "newer end", "newer end")
    assert len(fake.log) == 2


def test_costs_are_told_from_tokens():
    priced = Endpoint("http://x", "m", price_in=Decimal("0.5"), price_out=Decimal(2))
    assert priced.cost(1_000_000, 500_000) == Decimal("1.5")


@pytest.mark.parametrize(
    ("fault", "says", "retry_after", "may_cost", "refused"),
    [
        ("too fast", "HTTP 429: Rate limit", 7200, False, False),
        ("overloaded", "HTTP 503: Overloaded", 7200, False, False),
        ("broken", "HTTP 500: The server had", None, False, False),
        ("refused", "The server refused the key (HTTP 401).", None, False, True),
        ("unknown model", "HTTP 404: The model", None, False, True),
        ("elsewhere", "HTTP 302.", None, False, True),
        ("page", "not in the form agreed on", None, True, False),
        ("nothing", "not in the form agreed on", None, True, False),
        ("no choices", "not in the form agreed on", None, True, False),
        ("list", "not in the form agreed on", None, True, False),
        ("deep", "not in the form agreed on", None, True, False),
        ("endless", "has no end", None, True, False),
        ("dropped", "connection was lost", None, True, False),
    ],
)
def test_each_fault_says_what_it_is_and_whether_it_may_cost(
    fake, fault, says, retry_after, may_cost, refused
):
    error = failure(fake, fault)
    assert says in str(error)
    assert (error.retry_after, error.may_cost, error.refused) == (
        retry_after, may_cost, refused
    )  # fmt: skip


@pytest.mark.parametrize("fault", ["refused", "too long"])
def test_no_error_shows_the_key(fake, fault):
    assert "secret" not in str(failure(fake, fault))
    assert "sec*ret" not in str(failure(fake, fault))


def test_a_redirect_is_not_followed_with_the_key(fake):
    failure(fake, "elsewhere")
    assert len(fake.log) == 1


@pytest.mark.parametrize("fault", ["dribble", None])
def test_an_answer_that_takes_too_long_is_given_up(fake, fault, monkeypatch):
    monkeypatch.setattr(llm_endpoint, "LONGEST_REQUEST", 0.3)
    fake.pause = 0.0 if fault else 2.0
    began = time.monotonic()
    error = failure(fake, fault)
    assert time.monotonic() - began < 1.5
    assert (str(error), error.may_cost) == ("The answer took longer than 0.3 s.", True)


def test_a_server_that_is_not_there_costs_nothing():
    with pytest.raises(NoAnswer) as caught:
        ask(Endpoint("http://127.0.0.1:1/v1", "made-up"), MESSAGES)
    assert (str(caught.value), caught.value.may_cost) == (
        "The server cannot be reached.", False
    )  # fmt: skip


@pytest.mark.parametrize(
    "usage", [None, {}, "many", {"prompt_tokens": -1, "completion_tokens": True}]
)
def test_a_count_that_cannot_be_is_no_count(fake, usage):
    fake.usage = usage
    reply = ask(endpoint(fake), MESSAGES)
    assert (reply.tokens_in, reply.tokens_out) == (None, None)


def test_an_answer_without_text_is_an_empty_one(fake):
    fake.content = None
    assert ask(endpoint(fake), MESSAGES).content == ""
