"""arXiv's search syntax: what is right is read, what is wrong is told with its place."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.search_syntax import (
    DEEPEST,
    FIELDS,
    LONGEST,
    OPERATORS,
    Fault,
    Group,
    NotASearch,
    Term,
    parse,
    tidy,
)

words = st.text("abyzLM059./_", min_size=1, max_size=8)
phrases = st.lists(words, min_size=1, max_size=4).map(" ".join)
terms = st.one_of(
    st.builds(Term, words, st.sampled_from(("", *FIELDS))),
    st.builds(Term, phrases, st.sampled_from(("", *FIELDS)), st.just(True)),
)


def groups(nodes):
    return st.lists(nodes, min_size=2, max_size=4).flatmap(
        lambda found: st.builds(
            Group,
            st.just(tuple(found)),
            st.tuples(*[st.sampled_from(OPERATORS)] * (len(found) - 1)),
        )
    )


searches = st.recursive(terms, groups, max_leaves=8).filter(
    lambda node: len(str(node)) <= LONGEST
)
pieces = st.sampled_from(
    [*FIELDS, *OPERATORS, *'()":*[] ', "and", "NOT", "title", "submittedDate", "LLM", "cs.CL"]
)


def result(text):
    """What it asks for, or why it cannot be asked."""
    try:
        return parse(text)
    except NotASearch as error:
        return error


@given(searches)
def test_what_is_written_is_read_again(search):
    assert parse(str(search)) == search


@given(searches, st.integers(1, 3))
def test_blanks_and_lines_do_not_matter(search, count):
    assert parse(tidy(f"\n {search}".replace(" ", " " * count))) == search


@given(st.one_of(st.text(max_size=60), st.lists(pieces, max_size=14).map("".join)))
def test_any_text_is_a_search_or_wrong_at_a_place_in_it(text):
    found = result(text)
    if isinstance(found, NotASearch):
        assert 0 <= found.at <= len(text)
        assert text[found.at :].startswith(found.found) or found.fault is Fault.EMPTY_PHRASE
    else:
        assert parse(str(found)) == found
        outside = re.sub('"[^"]*"', "", text)
        assert outside.count("(") == outside.count(")")


@pytest.mark.parametrize(
    ("search", "fault", "at", "found"),
    [
        (" ", Fault.EMPTY, 0, ""),
        ("a" * 1001, Fault.TOO_LONG, 1000, ""),
        ("(" * (DEEPEST + 1) + "a", Fault.TOO_DEEP, DEEPEST, "("),
        ("ti:a OR title:b", Fault.UNKNOWN_FIELD, 8, "title"),
        ("TI:a", Fault.FIELD_CASE, 0, "TI"),
        ("a AND submittedDate:[2025 TO 2026]", Fault.DATE, 6, "submittedDate"),
        ("lastUpdatedDate:[2025 TO 2026]", Fault.DATE, 0, "lastUpdatedDate"),
        ("ti: a", Fault.NO_VALUE, 0, "ti"),
        ("ti:(a OR b)", Fault.NO_VALUE, 0, "ti"),
        ('ti:"a OR b', Fault.OPEN_QUOTE, 3, '"'),
        ('ti:" "', Fault.EMPTY_PHRASE, 3, '""'),
        ("(a OR b", Fault.OPEN_BRACKET, 0, "("),
        ("a OR (", Fault.OPEN_BRACKET, 5, "("),
        ("a OR b)", Fault.CLOSING_BRACKET, 6, ")"),
        ("a OR ()", Fault.EMPTY_BRACKETS, 6, ")"),
        ("ti:a abs:b", Fault.NO_OPERATOR, 5, "abs:b"),
        ("large language", Fault.NO_OPERATOR, 6, "language"),
        ("a and b", Fault.OPERATOR_CASE, 2, "and"),
        ("a AND NOT b", Fault.NOT, 6, "NOT"),
        ("OR a", Fault.NO_TERM_BEFORE, 0, "OR"),
        ("a AND OR b", Fault.NO_TERM_BEFORE, 6, "OR"),
        ("a ANDNOT", Fault.NO_TERM_AFTER, 2, "ANDNOT"),
        ("(a OR) AND b", Fault.NO_TERM_AFTER, 3, "OR"),
        ("cat:cs.*", Fault.WILDCARD, 7, "*"),
        ('ti:"trans*"', Fault.WILDCARD, 9, "*"),
        ("ti:a:b", Fault.CHARACTER, 4, ":"),
        ("-a", Fault.CHARACTER, 0, "-"),
        ("a OR [b]", Fault.CHARACTER, 5, "["),
    ],
)
def test_what_is_wrong_is_told_with_its_place(search, fault, at, found):
    with pytest.raises(NotASearch) as caught:
        parse(search)
    assert (caught.value.fault, caught.value.at, caught.value.found) == (fault, at, found)


@pytest.mark.parametrize(
    "search",
    [
        "cat:cs.CL",
        "au:del_maestro ANDNOT (ti:checkerboard OR ti:Pyrochlore)",
        'ti:"what is attention?" AND id:math/0611800',
        "electron",
        "((cat:cs.CL))",
        "abs:C++ OR abs:AT&T",
    ],
)
def test_what_arxivs_manual_allows_is_right(search):
    assert parse(str(parse(search))) == parse(search)


def test_the_queries_that_are_shipped_are_right(shipped_queries):
    searches = [one.search for one in shipped_queries.values() if one.way == "search"]
    assert len(searches) == 4
    assert [tidy(str(parse(search))) for search in searches] == searches
