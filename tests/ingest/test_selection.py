"""Which records of a stream are wanted."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.feed import Entry
from ingest.selection import Selection


def entry(title="A made-up paper", abstract="", categories=("cs.CL",), year=2025):
    at = datetime(year, 6, 1, 9, tzinfo=UTC)
    return Entry("2506.00001", 1, title, abstract, ("Ada Example",), categories, at, at)


def test_without_conditions_everything_is_wanted():
    assert Selection().wants(entry(categories=()))


@pytest.mark.parametrize(
    ("wanted", "categories", "expected"),
    [
        ({"cs.CL"}, ("cs.LG", "cs.CL"), True),
        ({"cs.CL"}, ("cs.LG",), False),
        ({"cs"}, ("cs.LG",), True),
        ({"cs"}, ("math.CO",), False),
        ({"hep-th"}, ("hep-th",), True),
    ],
)
def test_one_category_or_its_archive_is_enough(wanted, categories, expected):
    found = Selection(categories=frozenset(wanted)).wants(entry(categories=categories))
    assert found is expected


@pytest.mark.parametrize(("year", "expected"), [(2024, False), (2025, True)])
def test_papers_count_from_the_day_of_their_first_version(year, expected):
    assert Selection(since=date(2025, 6, 1)).wants(entry(year=year)) is expected


@pytest.mark.parametrize(
    ("title", "abstract", "expected"),
    [
        ("Large\n  Language Models", "", True),
        ("", "we train llms", True),
        ("A small problem", "of fillmore", False),
        ("Language", "Model", False),
    ],
)
def test_one_phrase_at_the_beginning_of_a_word_is_enough(title, abstract, expected):
    selection = Selection(match="language model | LLM |")
    assert selection.wants(entry(title=title, abstract=abstract)) is expected


@given(st.text(max_size=60))
def test_any_text_is_a_set_of_phrases_that_a_paper_with_it_has(match):
    assert Selection(match=match).wants(entry(title=match.replace("|", " ")))
