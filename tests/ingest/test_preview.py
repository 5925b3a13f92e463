"""What arXiv would send: asked once a day, by the common pace, for who still looks."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ingest import preview, tasks
from ingest.models import Pace, Preview
from tests.factories import UserFactory
from tests.ingest.server import made_up
from tests.ingest.test_queries import at_once

SEARCH = 'cat:cs.RO AND ti:"plans"'


@pytest.fixture
def ada(db):
    return UserFactory(username="ada")


def ask(search, user):
    """As the page and the worker do it, one after the other."""
    found, must_tell = preview.want(search, user)
    if must_tell:
        tasks.answer_preview(found.digest)
    return Preview.objects.get(pk=found.digest)


@pytest.mark.django_db(transaction=True)
def test_it_counts_and_shows_the_newest_first_in_readable_letters(fake, ada):
    fake.records = made_up(30, first=datetime(2025, 6, 1, 9, tzinfo=UTC))
    fake.records += made_up(2, first=timezone.now() - timedelta(days=3))
    fake.records[-1].title = r"M\"uller's $\alpha$-divergence"
    for number, record in enumerate(fake.records):
        record.arxiv_id = f"2506.{number + 1:05d}"
    found = ask(SEARCH, ada)
    assert (found.total, found.lately, len(found.papers)) == (32, 2, 10)
    assert [paper["arxiv_id"] for paper in found.papers[:3]] == [
        "2506.00032", "2506.00031", "2506.00030"
    ]  # fmt: skip
    assert found.papers[0]["title"] == "Müller's α-divergence"
    assert found.papers[2]["published"] == "2025-06-01"


@pytest.mark.django_db(transaction=True)
def test_the_newest_are_first_when_arxiv_ignores_the_order(fake, ada):
    fake.records, fake.faults = made_up(4), ["unsorted"]
    published = [paper["arxiv_id"] for paper in ask(SEARCH, ada).papers]
    assert published == sorted(published, reverse=True)


@pytest.mark.django_db(transaction=True)
def test_arxiv_is_asked_twice_a_day_at_most(fake, ada):
    fake.records = made_up(3)
    for user in (ada, UserFactory(), ada):
        ask(SEARCH, user)
    assert len(fake.log) == 2
    long_ago = timezone.now() - timedelta(days=1, minutes=1)
    Preview.objects.update(answered_at=long_ago)
    fake.records = made_up(5)
    assert ask(SEARCH, ada).total == 5
    assert len(fake.log) == 4


@pytest.mark.django_db(transaction=True)
def test_two_who_look_at_once_wake_one_worker(fake, ada):
    users = [ada, UserFactory(), UserFactory()]
    results = at_once(*[lambda user=user: preview.want(SEARCH, user) for user in users])
    assert sorted(must_tell for _, must_tell in results) == [False, False, True]
    assert Preview.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_that_was_lost_is_sent_again_after_a_minute(fake, ada):
    preview.want(SEARCH, ada)
    assert preview.want(SEARCH, ada)[1] is False
    Preview.objects.update(queued_at=timezone.now() - timedelta(seconds=61))
    assert preview.want(SEARCH, ada)[1] is True


@pytest.mark.django_db(transaction=True)
def test_what_is_typed_over_is_not_asked_for(fake, ada):
    first, _ = preview.want("cat:cs.A", ada)
    second, _ = preview.want("cat:cs.AI", ada)
    for found in (first, second):
        tasks.answer_preview(found.digest)
    assert {asked.query["search_query"][:11].strip("(") for asked in fake.log} == {
        "cat:cs.AI",
        "cat:cs.AI)",
    }
    first.refresh_from_db()
    assert (first.is_answered, first.queued_at) == (False, None)


@pytest.mark.django_db(transaction=True)
def test_what_another_person_looks_at_is_still_asked_for(fake, ada):
    first, _ = preview.want("cat:cs.A", UserFactory())
    preview.want("cat:cs.AI", ada)
    tasks.answer_preview(first.digest)
    assert len(fake.log) == 2


@pytest.mark.django_db(transaction=True)
def test_nobody_looks_any_more(fake, ada):
    found, _ = preview.want(SEARCH, ada)
    Preview.objects.update(wanted_at=timezone.now() - timedelta(seconds=31))
    tasks.answer_preview(found.digest)
    tasks.answer_preview("gone")
    assert fake.log == []


@pytest.mark.django_db(transaction=True)
def test_who_leaves_while_the_worker_waits_for_its_turn_costs_no_request(fake, ada, settings):
    settings.ARXIV_DELAY_SECONDS = 0.5
    fake.records = made_up(3)
    Pace.objects.create(next_allowed_at=timezone.now() + timedelta(seconds=0.3))
    found, _ = preview.want(SEARCH, ada)
    timer = threading.Timer(0.1, lambda: at_once(lambda: preview.want("cat:cs.CL", ada)))
    timer.start()
    tasks.answer_preview(found.digest)
    timer.join()
    assert fake.log == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["400", "error"])
def test_what_arxiv_says_of_a_search_is_kept_for_the_day(fake, ada, fault):
    fake.faults = [fault]
    found = ask(SEARCH, ada)
    assert (found.problem, found.total) == ("the search is not right", None)
    ask(SEARCH, ada)
    assert len(fake.log) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["503", "html", "reset", "empty"])
def test_a_failure_puts_it_off_and_is_not_kept(fake, ada, fault):
    fake.records, fake.faults = made_up(3), [fault]
    found = ask(SEARCH, ada)
    assert (found.is_answered, found.problem, found.queued_at) == (False, "", None)
    assert found.not_before == Pace.objects.get().next_allowed_at
    assert ask(SEARCH, ada).total == 3


@pytest.mark.django_db(transaction=True)
def test_what_has_come_is_shown_though_the_second_question_fails(fake, ada):
    fake.records = made_up(3)
    fake.on_request = lambda number: fake.faults.append("503") if number == 1 else None
    found = ask(SEARCH, ada)
    assert (found.total, len(found.papers), found.lately, found.is_answered) == (
        3, 3, None, False
    )  # fmt: skip
    assert (ask(SEARCH, ada).lately, len(fake.log)) == (0, 3)  # the first is not asked again


@pytest.mark.django_db(transaction=True)
def test_a_closed_circuit_names_the_moment_and_nothing_is_asked(fake, ada):
    until = timezone.now() + timedelta(hours=1)
    Pace.objects.create(failures=9, failing_since=timezone.now(), open_until=until)
    found = ask(SEARCH, ada)
    assert (found.is_put_off, found.not_before) == (True, until)
    assert preview.want(SEARCH, ada)[1] is False
    assert fake.log == []


@pytest.mark.django_db(transaction=True)
def test_a_refusal_stops_everything_for_a_person(fake, ada):
    fake.faults = ["403"]
    found = ask(SEARCH, ada)
    assert (found.is_answered, Pace.objects.get().stopped) == (False, True)
    ask(SEARCH, ada)
    assert len(fake.log) == 1


@pytest.mark.django_db
def test_previews_are_forgotten_after_a_day(ada):
    now = timezone.now()
    for number, (answered, wanted) in enumerate([(2, 2), (None, 2), (0, 2), (None, 0)]):
        Preview.objects.create(
            digest=str(number),
            search=str(number),
            wanted_at=now - timedelta(days=wanted),
            answered_at=None if answered is None else now - timedelta(days=answered),
            problem="?",
        )
    tasks.forget_previews()
    assert sorted(Preview.objects.values_list("digest", flat=True)) == ["2", "3"]


@pytest.mark.parametrize(
    ("way", "search", "match", "asked"),
    [
        ("search", " cat:cs.CL\n OR ti:LLM", "", "cat:cs.CL OR ti:LLM"),
        ("oai", "cs:cs:CL", "", "cat:cs.CL"),
        (
            "oai",
            "cs:cs:CL",
            'llm | language  "model" |',
            'cat:cs.CL AND (ti:"llm" OR abs:"llm" OR '
            'ti:"language model" OR abs:"language model")',
        ),
        ("oai", "cs:cs", "", None),
        ("oai", "cs", "", None),
    ],
)
def test_a_set_is_previewed_by_the_search_that_finds_its_papers(way, search, match, asked):
    assert preview.as_search(way, search, match) == asked
