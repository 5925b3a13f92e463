"""What gets through of a language model's answer, whatever it says."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest.llm_answer import LONGEST, Unusable, probabilities

SLUGS = ["slow-answers", "pruning", "law"]
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KEYS = st.sampled_from([*SLUGS, "1", "2", "3", "0", "4", "-1", "<b>", " 2 "]) | st.text()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ('{"1": 0.9}', {"slow-answers": 0.9}),
        ('{"law": 0.4, "2": 1}', {"law": 0.4, "pruning": 1.0}),
        ('```json\n{"3": 0.5}\n```', {"law": 0.5}),
        ('```\n{"3": 0.5}```', {"law": 0.5}),
        ("{}", {}),
        ('{"1": 7, "2": -3}', {"slow-answers": 1.0, "pruning": 0.0}),
        ('{"1": 0.2, "slow-answers": 0.6}', {"slow-answers": 0.6}),
        ('{"1": 0.9, "invented": 1, "4": 1, "0": 1, "01": 1}', {"slow-answers": 0.9}),
        ('{"1": 0.9, "2": "0.8", "3": true}', {"slow-answers": 0.9}),
        ('{"1": 0.9, "2": NaN, "3": Infinity}', {"slow-answers": 0.9}),
        ('{"1": ' + "9" * 400 + "}", {"slow-answers": 1.0}),
    ],
)
def test_known_concepts_and_probabilities_are_taken_and_nothing_else(answer, found):
    assert probabilities(answer, SLUGS) == found


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("I cannot help with that.", "not JSON"),
        ('{"1": 0.9', "not JSON"),
        ('Sure! {"1": 0.9}', "not JSON"),
        ("[" * 10_000, "not JSON"),
        ('{"1": ' + "9" * 5000 + "}", "not JSON"),
        ("[0.9]", "not a JSON object"),
        ('{"invented": 0.9}', "named no concept"),
        ('{"concepts": {"1": 0.9}}', "named no concept"),
        (json.dumps({str(n): 0.5 for n in range(LONGEST)}), "longer than"),
    ],
)
def test_an_answer_that_says_nothing_about_the_paper_is_unusable(answer, why):
    with pytest.raises(Unusable, match=why):
        probabilities(answer, SLUGS)


@given(st.text() | ANY_JSON.map(json.dumps))
def test_any_answer_is_read_or_unusable(answer):
    try:
        found = probabilities(answer, SLUGS)
    except Unusable:
        return
    assert set(found) <= set(SLUGS)


@given(st.dictionaries(KEYS, st.floats() | st.integers() | ANY_JSON, max_size=8))
def test_no_answer_brings_a_concept_or_a_probability_that_cannot_be(said):
    try:
        found = probabilities(json.dumps(said), SLUGS)
    except Unusable:
        return
    assert set(found) <= set(SLUGS)
    assert all(type(chance) is float and 0 <= chance <= 1 for chance in found.values())
