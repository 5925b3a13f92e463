"""One category, as each of arXiv's interfaces names it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import categories


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("cat:cs.CL", {"cs.CL"}),
        ("(cat:cs.AI OR cat:stat.ML) AND (ti:LLM OR abs:LLM)", {"cs.AI", "stat.ML"}),
        ("(cat:cs.AI) AND all:x ANDNOT cat:cs.CL", {"cs.AI"}),
        ("cat:cs.AI ANDNOT (cat:cs.CL OR cat:cs.LG)", {"cs.AI"}),
        ("cat:cs.* AND ti:model", {"cs"}),
        ("cat:cond-mat.dis-nn OR cat:quant-ph", {"cond-mat.dis-nn", "quant-ph"}),
        ("ti:concat:cs.CL", set()),
        ("au:Example", set()),
    ],
)
def test_a_search_says_where_it_looks(search, names):
    assert categories.in_search(search) == names


@pytest.mark.parametrize(
    ("search", "name"),
    [
        ("cat:cs.CL", "cs.CL"),
        (" ( cat:cs.CL ) ", "cs.CL"),
        ("cat:quant-ph", "quant-ph"),
        ("cat:cs", ""),
        ("cat:cs.CL OR cat:cs.LG", ""),
        ("cat:cs.CL AND ti:model", ""),
    ],
)
def test_only_a_category_alone_is_taken_in_as_a_whole(search, name):
    assert categories.whole(search) == name


@pytest.mark.parametrize(
    ("name", "spec"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("cs", "cs:cs"),
        ("stat.ML", "stat:stat:ML"),
        ("quant-ph", "physics:quant-ph"),
        ("physics.soc-ph", "physics:physics:soc-ph"),
        ("cond-mat.dis-nn", "physics:cond-mat:dis-nn"),
    ],
)
def test_sets_are_group_archive_and_subject(name, spec):
    assert categories.set_of(name) == spec
    assert categories.of_set(spec) == name


def test_a_group_is_its_archive_but_for_physics():
    assert categories.of_set("cs") == "cs"
    assert categories.of_set("physics") == ""


def test_an_archive_covers_its_categories():
    assert categories.covers("cs", ("math.CO", "cs.CL"))
    assert categories.covers("quant-ph", ("quant-ph",))
    assert not categories.covers("cs.C", ("cs.CL",))
    assert not categories.covers("cs", ("csx.CL", "stat.ML"))


@given(st.text())
def test_any_text_is_a_search(search):
    for name in categories.in_search(search):
        assert f"cat:{name}" in search
    assert categories.whole(search) in {"", *categories.in_search(search)}
