"""Records become rows."""

import dataclasses
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from ingest import papers
from ingest.feed import Entry
from taxonomy import counts, curation
from taxonomy.curation import Actor
from taxonomy.models import Decision, Paper, PaperVersion, Screening, Tag
from tests.factories import ConceptFactory, PaperFactory

MAY = datetime(2025, 5, 4, 3, tzinfo=UTC)


def entry(arxiv_id="2505.00001", **values):
    values = {
        "version": 1,
        "title": r"On M\"uller's $\alpha$",
        "abstract": "It costs 5\\% of it.",
        "authors": (r"A. M{\"u}ller", "Bo Sample"),
        "categories": ("cs.CL", "cs.AI"),
        "published": MAY,
        "updated": MAY,
    } | values
    return Entry(arxiv_id=arxiv_id, **values)


def account(outcome):
    return outcome.new, outcome.updated, outcome.unchanged


def state_of(arxiv_id="2505.00001"):
    return Screening.objects.get(paper__arxiv_id=arxiv_id).state


def set_state(state):
    Screening.objects.update(state=state, error="none" if state == "failed" else "")


@pytest.mark.django_db
def test_a_new_paper_is_kept_with_its_source_and_a_readable_form():
    assert account(papers.upsert([entry(comment="12 pages", doi="10.1/x")])) == (1, 0, 0)
    paper = Paper.objects.get()
    assert (paper.title, paper.title_plain) == (r"On M\"uller's $\alpha$", "On Müller's α")
    assert paper.abstract_plain == "It costs 5% of it."
    assert (paper.authors, paper.categories) == (["A. Müller", "Bo Sample"], ["cs.CL", "cs.AI"])
    assert (paper.comment, paper.doi, paper.published_at) == ("12 pages", "10.1/x", MAY)
    assert paper.fetched_at is not None
    assert state_of() == "identified"
    assert counts.papers_total() == 1


@pytest.mark.django_db
def test_the_same_again_writes_no_row():
    papers.upsert([entry()])
    with connection.cursor() as cursor:
        cursor.execute("SELECT xmin, revision FROM taxonomy_paper")
        before = cursor.fetchall()
        assert account(papers.upsert([entry()])) == (0, 0, 1)
        cursor.execute("SELECT xmin, revision FROM taxonomy_paper")
        assert cursor.fetchall() == before
    assert counts.papers_total() == 1


@pytest.mark.django_db
def test_a_newer_version_replaces_and_an_older_one_never_does():
    papers.upsert([entry(version=2, title="Second")])
    assert account(papers.upsert([entry(version=1, title="First")])) == (0, 0, 1)
    assert account(papers.upsert([entry(version=3, title="Third")])) == (0, 1, 0)
    paper = Paper.objects.get()
    assert (paper.version, paper.title, paper.revision) == (3, "Third", 2)


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["waiting", "abstained", "screened", "failed"])
def test_a_changed_text_waits_for_suggestions_again(state):
    papers.upsert([entry()])
    set_state(state)
    papers.upsert([entry(version=2, abstract="Another one.")])
    assert state_of() == "identified"


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change", [{"comment": "to appear"}, {"version": 2}, {"categories": ("cs.CL", "cs.LG")}]
)
def test_a_change_beside_the_text_leaves_the_screening_alone(change):
    papers.upsert([entry()])
    set_state("screened")
    assert account(papers.upsert([entry(**change)])) == (0, 1, 0)
    assert state_of() == "screened"


# Earlier texts


def kept():
    rows = PaperVersion.objects.order_by("text_revision")
    return list(rows.values_list("text_revision", "version", "title", "abstract"))


@pytest.mark.django_db
def test_a_text_that_is_replaced_is_kept_as_it_came():
    papers.upsert([entry()])
    papers.upsert([entry(version=2, title=r"On $\beta$", updated=MAY + timedelta(days=9))])
    papers.upsert([entry(version=4, title="On gamma")])
    first, second = PaperVersion.objects.order_by("text_revision")
    assert kept() == [
        (1, 1, r"On M\"uller's $\alpha$", "It costs 5\\% of it."),
        (2, 2, r"On $\beta$", "It costs 5\\% of it."),
    ]
    assert (first.title_plain, second.title_plain) == ("On Müller's α", "On β")
    assert (first.submitted_at, second.submitted_at) == (MAY, MAY + timedelta(days=9))
    assert first.seen_at <= first.replaced_at == second.seen_at <= second.replaced_at
    assert Paper.objects.get().text_revision == 3


@pytest.mark.django_db
def test_a_text_corrected_in_the_same_version_is_kept():
    papers.upsert([entry()])
    papers.upsert([entry(abstract="It costs 6\\% of it.")])
    assert kept() == [(1, 1, r"On M\"uller's $\alpha$", "It costs 5\\% of it.")]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"comment": "to appear"},
        {"version": 2, "abstract": "It costs\n  5\\% of it."},  # as another way in spaces it
        {"title": r"On M{\"u}ller's $\alpha$"},
    ],
)
def test_what_reads_the_same_is_no_new_text(change):
    papers.upsert([entry()])
    set_state("screened")
    papers.upsert([entry(**change)])
    assert (kept(), Paper.objects.get().text_revision, state_of()) == ([], 1, "screened")


@pytest.mark.django_db
def test_a_readable_form_that_only_we_make_differently_is_no_new_text():
    papers.upsert([entry()])
    Paper.objects.update(title_plain="On Mueller's alpha")
    set_state("screened")
    papers.upsert([entry()])
    assert Paper.objects.get().title_plain == "On Müller's α"
    assert (kept(), state_of()) == ([], "screened")


@pytest.mark.django_db
def test_a_landmark_known_by_title_alone_has_no_earlier_text():
    PaperFactory(arxiv_id="2505.00001", title="On it", abstract="", fetched_at=None)
    set_state("screened")
    papers.upsert([entry()])
    assert (kept(), Paper.objects.get().text_revision, state_of()) == ([], 1, "identified")


@pytest.mark.django_db
def test_a_thousand_new_texts_cost_as_many_queries_as_one(django_assert_num_queries):
    batch = [entry(f"2505.{n:05d}") for n in range(1, 1001)]
    papers.upsert(batch)
    again = [dataclasses.replace(one, version=2, title="Another") for one in batch]
    for part in (again[:1], again[1:]):
        with django_assert_num_queries(6):  # upsert, lock, screenings twice; savepoint
            papers.upsert(part)
    assert PaperVersion.objects.count() == 1000


@pytest.mark.django_db(transaction=True)
def test_two_new_versions_at_once_leave_no_text_out():
    papers.upsert([entry()])
    barrier = threading.Barrier(2)

    def work(version):
        barrier.wait()
        papers.upsert([entry(version=version, title=f"Title {version}")])
        connection.close()

    threads = [threading.Thread(target=work, args=[version]) for version in (2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    paper = Paper.objects.get()
    assert (paper.version, paper.title) == (3, "Title 3")
    seen = [title for _, _, title, _ in kept()]
    first = r"On M\"uller's $\alpha$"
    assert seen in ([first], [first, "Title 2"])  # whether 3 came first
    assert paper.text_revision == len(seen) + 1


# Withdrawn and removed


WITHDRAWN = {"version": 2, "comment": "This paper has been withdrawn by the authors"}


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["waiting", "abstained", "screened"])
def test_a_paper_that_is_withdrawn_leaves_the_queue_and_keeps_its_text(state):
    papers.upsert([entry()])
    set_state(state)
    papers.upsert([entry(**WITHDRAWN)])
    assert Paper.objects.get().withdrawn
    assert (state_of(), kept()) == ("identified", [])
    assert not Screening.objects.waiting().exists()


@pytest.mark.django_db
def test_a_later_version_takes_the_withdrawal_back():
    papers.upsert([entry(**WITHDRAWN)])
    set_state("abstained")
    papers.upsert([entry(version=3)])
    assert not Paper.objects.get().withdrawn
    assert state_of() == "identified"


@pytest.mark.django_db
@pytest.mark.parametrize("version", [1, 2])
def test_a_record_that_comes_again_takes_a_removal_back(version):
    papers.upsert([entry()])
    papers.remove(["2505.00001"], MAY)
    set_state("abstained")
    papers.upsert([entry(version=version)])
    assert not Paper.objects.get().is_gone
    assert state_of() == "identified"


@pytest.mark.django_db
def test_a_paper_that_arxiv_removes_leaves_the_queue_and_keeps_its_tags(curator):
    papers.upsert([entry(), entry("2505.00002")])
    removed = Paper.objects.get(arxiv_id="2505.00001")
    concept, actor = ConceptFactory(), Actor.person(curator)
    curation.decide(paper=removed, concept=concept, verdict="accept", actor=actor)
    set_state("waiting")
    papers.remove(["2505.00001"])
    assert (state_of(), state_of("2505.00002")) == ("identified", "waiting")
    assert Tag.objects.get().paper == removed
    assert counts.totals() == {concept.pk: 1}


@pytest.mark.django_db
def test_decisions_and_tags_outlive_a_new_version(curator):
    papers.upsert([entry()])
    concept = ConceptFactory()
    curation.decide(
        paper=Paper.objects.get(),
        concept=concept,
        verdict="accept",
        actor=Actor.person(curator),
    )
    papers.upsert([entry(version=2, title="Quite another")])
    assert Decision.objects.count() == 1
    assert Tag.objects.get().concept == concept


@pytest.mark.django_db
def test_a_landmark_known_by_title_is_filled_and_its_tags_follow_its_date(curator):
    stub = PaperFactory(
        arxiv_id="2505.00001",
        title="On it",
        abstract="",
        fetched_at=None,
        version=1,
        published_at=datetime(2025, 1, 1, tzinfo=UTC),
    )
    concept = ConceptFactory()
    curation.decide(paper=stub, concept=concept, verdict="accept", actor=Actor.person(curator))
    assert account(papers.upsert([entry()])) == (0, 1, 0)
    stub.refresh_from_db()
    assert (stub.abstract_plain, stub.published_at) == ("It costs 5% of it.", MAY)
    assert Tag.objects.get().published_at == MAY
    months = [datetime(2025, month, 1, tzinfo=UTC).date() for month in range(1, 6)]
    assert counts.series(months) == {concept.pk: [0, 0, 0, 0, 1]}


@pytest.mark.django_db
def test_a_landmark_that_is_sent_as_it_was_guessed_is_still_marked_as_fetched():
    PaperFactory(arxiv_id="2505.00001", fetched_at=None)
    papers.upsert([entry()])
    assert Paper.objects.get().fetched_at is not None


@pytest.mark.django_db
def test_a_paper_twice_in_a_batch_is_taken_in_its_newest_version():
    batch = [entry(version=2, title="Second"), entry(title="First")]
    assert account(papers.upsert(batch)) == (1, 0, 0)
    assert Paper.objects.get().title == "Second"


@pytest.mark.django_db
def test_what_the_database_cannot_hold_is_left_out_and_the_others_are_kept():
    batch = [entry(f"2505.0000{n}") for n in range(1, 6)]
    batch[2] = dataclasses.replace(batch[2], categories=("x" * 33,))
    outcome = papers.upsert(batch)
    assert account(outcome) == (4, 0, 0)
    ((left_out, reason),) = outcome.unfit
    assert left_out.arxiv_id == "2505.00003"
    assert "too long" in reason
    assert Screening.objects.count() == 4
    assert counts.papers_total() == 4


@pytest.mark.django_db
def test_nothing_is_nothing():
    assert papers.upsert([]) == papers.Outcome()


@pytest.mark.django_db
def test_a_thousand_papers_cost_as_many_queries_as_one(django_assert_num_queries):
    batch = [entry(f"2505.{n:05d}") for n in range(1, 1001)]
    for part in (batch[:1], batch[1:]):
        with django_assert_num_queries(5):  # upsert, screenings, tally; savepoints
            papers.upsert(part)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_with_papers_in_common_make_each_once():
    ids = [f"2505.{n:05d}" for n in range(1, 301)]
    outcomes, barrier = [], threading.Barrier(2)

    def work(order):
        barrier.wait()
        outcomes.append(papers.upsert([entry(one) for one in order]))
        connection.close()

    threads = [threading.Thread(target=work, args=[order]) for order in (ids, ids[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(outcome.new for outcome in outcomes) == 300
    assert sum(outcome.unchanged for outcome in outcomes) == 300
    assert Paper.objects.count() == Screening.objects.count() == counts.papers_total() == 300


@pytest.mark.parametrize(
    ("comment", "abstract", "withdrawn"),
    [
        ("This paper has been withdrawn by the author due to an error", "", True),
        ("Withdrawn", "", True),
        ("withdrawn due to a crucial error in equation 2", "", True),
        ("", "This submission has been withdrawn by arXiv administrators.", True),
        ("The authors have withdrawn this paper", "", True),
        ("Withdrawn from the workshop, now at another", "", False),
        ("", "Users who have withdrawn from the study were asked why.", False),
        ("12 pages", "We show that withdrawn drugs are still mentioned.", False),
    ],
)
def test_a_withdrawal_is_told_by_what_is_said_about_the_paper(comment, abstract, withdrawn):
    assert papers.is_withdrawn(entry(comment=comment, abstract=abstract)) is withdrawn
