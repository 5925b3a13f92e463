"""Asking a language model: which papers, within which limit, and after which faults not."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.utils import timezone

from ingest.models import LanguageModelAnswer, LanguageModelCall, LanguageModelPause
from ingest.suggest import llm, llm_account, llm_asking, llm_endpoint, run, tasks
from ingest.suggest.llm_account import NotNow
from ingest.suggest.llm_endpoint import NoAnswer
from taxonomy.models import Screening, Suggestion
from tests.factories import PaperFactory
from tests.ingest.suggest.rows import (
    LATENCY,
    LATENCY_AGAIN,
    LAW,
    concepts,
    papers,
    state,
    waiting,
)

pytestmark = pytest.mark.django_db
State = LanguageModelCall.State


def calls():
    return list(LanguageModelCall.objects.order_by("pk").values_list("state", flat=True))


def at_once_again():
    LanguageModelPause.objects.update(until=timezone.now())


def test_newest_and_most_uncertain_papers_come_in_turn(language_model):
    concepts()
    found = papers(*[LATENCY] * 4)
    for paper, uncertainty in zip(found, (0.9, 0.5, 0.2, 0.1), strict=True):
        Screening.objects.filter(paper=paper).update(uncertainty=uncertainty)
    asked = set()
    for _ in range(2):
        LanguageModelCall.objects.create(
            text_revision=1, model="m", question="q", state=State.FAILED
        )
        asked.add(llm_asking._next_paper("made-up-1", "x").pk)
    assert asked == {found[0].pk, found[3].pk}


def test_only_papers_that_wait_for_a_curator_are_asked_about(language_model):
    concepts()
    waiting(**LATENCY)
    PaperFactory(**LATENCY)
    assert tasks.ask_language_model() == 0
    assert language_model.log == []


def test_the_cost_is_what_the_server_counted(language_model):
    concepts()
    papers(LATENCY)
    tasks.ask_language_model()
    call = LanguageModelCall.objects.get()
    assert (call.cost, call.tokens_in, call.tokens_out) == (Decimal("0.00101"), 1000, 10)


def test_a_server_that_does_not_count_has_cost_the_most(language_model):
    concepts()
    papers(LATENCY)
    language_model.usage = None
    tasks.ask_language_model()
    sent = sum(len(one["content"].encode()) for one in language_model.asked["messages"])
    assert LanguageModelCall.objects.get().cost == Decimal(sent + 200 + 1000) / 1_000_000


@pytest.mark.parametrize("limit", ["KADAI_LLM_MONTHLY_LIMIT", "KADAI_LLM_DAILY_LIMIT"])
def test_what_might_pass_a_limit_is_not_asked(language_model, settings, limit):
    concepts()
    papers(LATENCY, LATENCY_AGAIN)
    setattr(settings, limit, Decimal("0.004"))
    language_model.usage = {"prompt_tokens": 2500, "completion_tokens": 0}
    assert tasks.ask_language_model() == 1
    assert len(language_model.log) == 1
    setattr(settings, limit, Decimal("0.01"))
    assert tasks.ask_language_model() == 1


def test_a_new_month_begins_with_nothing_spent(language_model):
    december = datetime(2026, 12, 1, 0, 30, tzinfo=UTC)
    for moment in (datetime(2026, 11, 30, 23, 59, tzinfo=UTC), december):
        LanguageModelCall.objects.create(
            text_revision=1, model="m", question="q", cost=Decimal(3), asked_at=moment
        )
    month, day = llm_account.limits(december + timedelta(days=1))
    assert (month.spent(), day.spent()) == (3, 0)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_limit_together_nor_ask_twice(language_model, settings):
    concepts()
    papers(LATENCY, LATENCY_AGAIN, LAW)
    one = llm.configured().cost(
        llm.current_question().most_tokens("x" * 150), settings.KADAI_LLM_ANSWER_TOKENS
    )
    settings.KADAI_LLM_MONTHLY_LIMIT = one * Decimal("1.5")  # room for one at a time
    language_model.usage = {"prompt_tokens": int(one * 400_000), "completion_tokens": 0}
    language_model.pause = 0.2
    in_two_threads(llm_asking.ask_next)
    assert (len(language_model.log), language_model.most_at_once) == (1, 1)
    in_two_threads(llm_asking.ask_next)
    in_two_threads(llm_asking.ask_next)
    spent = llm_account.limits()[0].spent()
    assert spent == sum(call.cost for call in LanguageModelCall.objects.all())
    assert spent <= settings.KADAI_LLM_MONTHLY_LIMIT
    texts = [body["messages"][1]["content"] for _, body in language_model.log]
    assert len(texts) == len(set(texts)) == 2


@pytest.mark.django_db(transaction=True)
def test_two_at_once_ask_about_two_papers(language_model):
    concepts()
    papers(LATENCY, LATENCY_AGAIN, LAW)
    language_model.pause = 0.3
    in_two_threads(llm_asking.ask_next)
    assert calls() == [State.ANSWERED, State.ANSWERED]
    assert len({body["messages"][1]["content"] for _, body in language_model.log}) == 2


def in_two_threads(work):
    together = threading.Barrier(2)

    def one():
        try:
            together.wait()
            work()
        finally:
            connection.close()

    workers = [threading.Thread(target=one) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def test_no_more_than_two_requests_are_under_way(language_model):
    concepts()
    papers(LATENCY)
    for _ in range(llm_account.MOST_AT_ONCE):
        LanguageModelCall.objects.create(text_revision=1, model="m", question="q")
    assert llm_asking.ask_next() is False
    LanguageModelCall.objects.update(asked_at=timezone.now() - timedelta(minutes=10))
    assert llm_asking.ask_next() is True


def test_what_a_worker_that_died_had_begun_stays_paid_and_is_asked_again(
    language_model, monkeypatch
):
    concepts()
    (paper,) = papers(LATENCY)

    def die(*_):
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(llm_endpoint, "ask", die)
        with pytest.raises(SystemExit):
            llm_asking.ask_next()
    reserved = LanguageModelCall.objects.get()
    assert (reserved.state, reserved.cost > 0) == (State.OPEN, True)
    assert llm_asking.ask_next() is False
    LanguageModelCall.objects.update(asked_at=timezone.now() - timedelta(minutes=10))
    assert llm_asking.ask_next() is True
    assert calls() == [State.OPEN, State.ANSWERED]
    assert state(paper) in {"waiting", "abstained"}


@pytest.mark.parametrize(
    ("fault", "ended", "is_paid", "seconds"),
    [
        ("too fast", State.FAILED, False, 7200),
        ("overloaded", State.FAILED, False, 7200),
        ("broken", State.FAILED, False, 60),
        ("refused", State.FAILED, False, 3600),
        ("page", State.UNUSABLE, True, 60),
        ("dropped", State.UNUSABLE, True, 60),
    ],
)
def test_after_a_fault_nothing_is_asked_for_a_while(
    language_model, fault, ended, is_paid, seconds
):
    concepts()
    (paper,) = papers(LATENCY)
    before = Suggestion.objects.get(paper=paper).pk
    language_model.faults = [fault]
    assert tasks.ask_language_model() == 0
    call, pause = LanguageModelCall.objects.get(), LanguageModelPause.objects.get()
    assert (call.state, call.cost > 0, call.error) == (ended, is_paid, pause.last_error)
    wait = (pause.until - pause.last_error_at).total_seconds()
    assert wait == pytest.approx(seconds, abs=2)
    assert tasks.ask_language_model() == 0
    assert len(language_model.log) == 1
    assert Suggestion.objects.get(paper=paper).pk == before
    at_once_again()
    assert tasks.ask_language_model() == 1
    assert LanguageModelPause.objects.get().failures == 0


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "The answer was empty."),
        ("As a model, I cannot", "The answer was not JSON."),
        ('{"invented": 1}', "The answer named no concept of the list with a probability."),
        ("x" * 30_000, "The answer was longer than 20,000 characters."),
    ],
)
def test_an_answer_that_cannot_be_used_is_paid_and_asked_for_once_more(
    language_model, content, says
):
    concepts()
    papers(LATENCY)
    language_model.content = content
    for tries in (1, 2, 2, 2):
        assert tasks.ask_language_model() == 0
        assert calls() == [State.UNUSABLE] * tries
        at_once_again()
    call = LanguageModelCall.objects.first()
    assert (call.error, call.cost) == (says, Decimal("0.00101"))
    assert not LanguageModelAnswer.objects.exists()


def test_an_answer_that_had_no_room_to_end_says_so(language_model):
    concepts()
    papers(LATENCY)
    language_model.content, language_model.finish = '{"1": 0.9, "2"', "length"
    tasks.ask_language_model()
    said = "The answer was not JSON. It was cut off: it had no room."
    assert LanguageModelPause.objects.get().last_error == said


def test_a_paper_that_cannot_be_asked_about_does_not_hold_up_the_others(language_model):
    concepts()
    papers(LATENCY, LATENCY_AGAIN)
    language_model.content = "nonsense"
    for _ in range(4):
        tasks.ask_language_model()
        at_once_again()
    language_model.says({"slow-answers": 0.9})
    new = waiting(**{**LATENCY, "abstract": "The inference latency of another one."})
    run.suggest_batch()
    assert tasks.ask_language_model() == 1
    assert LanguageModelCall.objects.get(state=State.ANSWERED).paper == new


def test_pauses_grow_and_are_never_shorter_than_asked_for():
    minutes = [
        llm_account.pause_after(n, NoAnswer("")).total_seconds() / 60 for n in (1, 3, 99)
    ]
    assert minutes == [1, 4, 360]
    assert llm_account.pause_after(1, NoAnswer("", retry_after=9e3)).total_seconds() == 9e3
    assert llm_account.pause_after(1, NoAnswer("", refused=True)) == timedelta(hours=1)


def test_a_pause_holds_for_everyone(language_model):
    LanguageModelPause.objects.create(until=timezone.now() + timedelta(hours=1))
    with pytest.raises(NotNow):
        llm_account.lock()


def test_the_task_gives_its_worker_back_and_comes_again(language_model, monkeypatch):
    concepts()
    papers(LATENCY, LATENCY_AGAIN)
    queued = []
    monkeypatch.setattr(tasks, "SECONDS", 0)
    monkeypatch.setattr(tasks.ask_language_model, "delay", lambda: queued.append(1))
    assert tasks.ask_language_model() == 1
    assert queued == [1]
