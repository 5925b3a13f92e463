"""The same paper in turn from every way in: nothing flaps."""

from datetime import UTC, datetime

import pytest

from ingest import papers
from ingest.feed import Entry, Form
from taxonomy.models import Paper

MAY = datetime(2025, 5, 4, 3, 2, 1, tzinfo=UTC)
DAY = datetime(2025, 5, 4, tzinfo=UTC)
LICENCE = "http://creativecommons.org/licenses/by/4.0/"


def atom(**values):
    values = {
        "version": 2,
        "title": "On it",
        "abstract": "Two\nlines.",
        "authors": ("Ada B. Example", "Glyph Team"),
        "categories": ("cs.CL", "cs.AI", "cs.LG"),
        "published": MAY,
        "updated": MAY,
    } | values
    return Entry(arxiv_id="2505.00001", **values)


def raw(**values):
    """As the raw form may say the same: other line breaks, other names, another order."""
    values = {
        "abstract": "Two lines.",
        "authors": ("Ada B. Example", "Glyph Team:"),
        "categories": ("cs.CL", "cs.LG", "cs.AI"),
        "form": Form.RAW,
    } | values
    return atom(**values)


def split(**values):
    return atom(**{"version": 1, "published": DAY, "updated": DAY, "form": Form.SPLIT} | values)


def take(*entries):
    """What each did in turn: n new, u updated, = unchanged."""
    done = ""
    for entry in entries:
        outcome = papers.upsert([entry])
        done += "n" * outcome.new + "u" * outcome.updated + "=" * outcome.unchanged
    return done


@pytest.mark.django_db
def test_after_the_search_api_the_other_forms_change_nothing():
    assert take(atom(), raw(), split(), atom(), raw()) == "n===="
    paper = Paper.objects.get()
    assert (paper.version, paper.published_at) == (2, MAY)
    assert (paper.authors[1], paper.abstract) == ("Glyph Team", "Two\nlines.")
    assert paper.categories == ["cs.CL", "cs.AI", "cs.LG"]


@pytest.mark.django_db
def test_names_that_were_taken_apart_are_replaced_once_by_names():
    assert take(raw(), atom(), raw(), split(), atom()) == "nu==="
    assert Paper.objects.get().authors == ["Ada B. Example", "Glyph Team"]


@pytest.mark.django_db
def test_days_and_a_guessed_version_are_replaced_once():
    assert take(split(), raw(), split(), atom(), raw(), split()) == "nuu==="
    paper = Paper.objects.get()
    assert (paper.version, paper.published_at, paper.updated_at) == (2, MAY, MAY)


@pytest.mark.django_db
def test_a_licence_fills_the_gap_and_stays():
    assert take(atom(), raw(licence=LICENCE), atom(), raw(licence=LICENCE)) == "nu=="
    assert Paper.objects.get().licence == LICENCE


@pytest.mark.django_db
def test_a_mark_of_withdrawal_outlives_forms_that_have_none():
    assert take(atom(), raw(withdrawn=True), atom(), split(), raw(withdrawn=True)) == "nu==="
    assert Paper.objects.get().withdrawn is True
    assert take(raw()) == "u"
    assert Paper.objects.get().withdrawn is False


@pytest.mark.django_db
def test_a_comment_that_no_longer_says_withdrawn_undoes_it():
    assert take(atom(comment="Withdrawn"), atom(comment="12 pages")) == "nu"
    assert Paper.objects.get().withdrawn is False


@pytest.mark.django_db
@pytest.mark.parametrize("form", [raw, split])
@pytest.mark.parametrize(
    "change", [{"title": "On them"}, {"comment": "12 pages"}, {"categories": ("cs.LG",)}]
)
def test_a_real_change_comes_through_in_every_form(form, change):
    assert take(atom(), form(**change)) == "nu"
    for name, value in change.items():
        now = getattr(Paper.objects.get(), name)
        assert (tuple(now) if isinstance(now, list) else now) == value


@pytest.mark.django_db
def test_a_new_version_brings_its_authors_in_every_form():
    assert take(atom(), raw(version=3, authors=("Cy Pattern",))) == "nu"
    assert Paper.objects.get().authors == ["Cy Pattern"]


@pytest.mark.django_db
def test_a_form_without_versions_never_counts_one_up():
    later = datetime(2025, 6, 1, tzinfo=UTC)
    assert take(atom(), split(title="On them", updated=later)) == "nu"
    paper = Paper.objects.get()
    assert (paper.version, paper.updated_at, paper.published_at) == (2, later, MAY)
    assert take(atom(version=3, title="On them", updated=later)) == "u"


@pytest.mark.django_db
def test_a_paper_that_comes_back_is_no_longer_removed():
    take(atom())
    assert papers.remove(["2505.00001", "2505.00009"]) == papers.Outcome(updated=1, skipped=1)
    assert papers.remove(["2505.00001"]) == papers.Outcome(unchanged=1)
    paper = Paper.objects.get()
    assert (paper.withdrawn, paper.removed_at is None, paper.revision) == (True, False, 2)
    assert take(atom(version=1)) == "="  # an old copy is no sign of life
    assert take(atom(), raw()) == "u="
    paper.refresh_from_db()
    assert (paper.withdrawn, paper.removed_at) == (False, None)
