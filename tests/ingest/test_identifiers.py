"""Identifiers: what is one, what is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.identifiers import split_id
from taxonomy.models.papers import ARXIV_ID_PATTERN


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2307.10169", ("2307.10169", None)),
        ("2307.10169v12", ("2307.10169", 12)),
        ("arXiv:0704.0001v2", ("0704.0001", 2)),
        ("http://arxiv.org/abs/math.CA/0611800v1", ("math/0611800", 1)),
        ("https://arxiv.org/pdf/solv-int/9701001v3.pdf", ("solv-int/9701001", 3)),
        ("https://export.arxiv.org/abs/cond-mat/0001001", ("cond-mat/0001001", None)),
        ("https://doi.org/10.48550/arXiv.2307.10169", ("2307.10169", None)),
    ],
)
def test_base_and_version_come_apart(text, found):
    assert split_id(text) == found


@pytest.mark.parametrize(
    "text",
    ["", "2307", "2313.00001", "2300.00001", "1501.0001", "1412.00001", "0703.0001",
     "2307.10169v0", "2307.10169x", "math/0713001", "math/0801001", "Math/0611800",
     "2307.10169 v1", "２３０７.１０１６９", "x" * 1000],
)  # fmt: skip
def test_what_is_no_id_is_refused(text):
    with pytest.raises(ValueError, match=r"arXiv id|ids of|year and month"):
        split_id(text)


@given(st.text(max_size=60))
def test_any_text_is_an_id_or_a_value_error(text):
    try:
        base, version = split_id(text)
    except ValueError:
        return
    assert re.fullmatch(ARXIV_ID_PATTERN, base)
    assert version is None or version >= 1


@given(st.integers(701, 3012), st.integers(0, 99999), st.integers(1, 999))
def test_every_id_that_is_taken_reads_the_same_again(yymm, number, version):
    text = f"{yymm:04d}.{number:05d}v{version}"
    try:
        base, found = split_id(text)
    except ValueError:
        return
    assert f"{base}v{found}" == text
    assert split_id(base) == (base, None)
