"""TeX in titles and abstracts, made readable."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.tex import to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("plain words", "plain words"),
        (r"M\"uller, Erd\H{o}s and \'{E}cole", "Müller, Erdős and École"),
        (r"Stra\ss e in \O{}rsted", "Straße in Ørsted"),
        (r"360{\deg} views", "360° views"),
        ("$10^{-3}$ and $x_2$", "10⁻³ and x₂"),
        (r"$\alpha$-divergence, $O(n \log n)$", "α-divergence, O(n log n)"),
        (r"\textbf{Bold} and \emph{stressed}", "Bold and stressed"),
        (r"a {\it method} named \method", "a method named method"),
        ("it costs $5 and $10", "it costs $5 and $10"),
        ("``quoted'' -- and --- so on", "“quoted” – and — so on"),
        (r"50\% of \$100 \& more", "50% of $100 & more"),
        (r"$\frac{1}{2}$ of $\sqrt{n}$", "1/2 of √n"),
        ("two\nlines  joined", "two lines joined"),
        (r"see \url{https://example.org/a_b}", "see https://example.org/a_b"),
        ("", ""),
        ("{{{", ""),
        ("\\", "\\"),
    ],
)
def test_source_becomes_readable(source, text):
    assert to_text(source) == text


@given(st.text(max_size=300))
def test_any_text_gives_one_normal_line(source):
    text = to_text(source)
    assert text == unicodedata.normalize("NFC", text)
    assert text == " ".join(text.split())


TEX = st.lists(
    st.sampled_from(
        ["\\", "{", "}", "$", "$$", "^", "_", "\\frac", "\\sqrt", "\\'", '\\"', "\\cite",
         "\\url", "\\href", "\\text", "\\unicode{x41}", "a", "e", "1", " ", "~", "--", "``",
         "\\alpha",         "\\footnote", "\\textsuperscript", "\\begin", "é"]
    ),
    max_size=60,
).map("".join)  # fmt: skip


@given(TEX)
def test_any_tex_however_broken_gives_one_normal_line(source):
    text = to_text(source)
    assert text == " ".join(text.split())


@given(st.text(st.characters() | st.sampled_from("\x00\x85\u202e\u2066\ufeff\ud800")))
def test_nothing_unreadable_reaches_a_reader(source):
    text = to_text(source)
    assert {unicodedata.category(one) for one in text} & {"Cc", "Cs"} == set()
    assert set(text) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069") == set()


@given(
    st.text(
        alphabet=st.characters(exclude_characters="\\{}$^_`'-~", categories=["L", "N", "P"])
    )
)
def test_text_without_tex_is_left_as_it_is(source):
    assert to_text(source) == unicodedata.normalize("NFC", source)


@pytest.mark.parametrize("piece", ["{", "$", "\\frac{", "\\cite[", "$x^", "\\'", "\\sqrt{{"])
def test_hostile_repetition_takes_no_time(piece):
    began = time.perf_counter()
    to_text(piece * 20_000)
    assert time.perf_counter() - began < 5
