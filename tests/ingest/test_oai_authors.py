"""Lines of authors become names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.oai.authors import split_authors


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Ada Example", ["Ada Example"]),
        ("Ada Example, Bo Sample and Cy Pattern", ["Ada Example", "Bo Sample", "Cy Pattern"]),
        ("Ada Example, Bo Sample, and Cy Pattern", ["Ada Example", "Bo Sample", "Cy Pattern"]),
        ("Ada Example; Bo Sample", ["Ada Example", "Bo Sample"]),
        (r"Ada Example \& Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Ada  Example,\n  Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Anand Swanand, Roland Andrews", ["Anand Swanand", "Roland Andrews"]),
        (
            "A. Example (1 and 2), B. Sample (2) ((1) Here, There (and not), (2) Nowhere)",
            ["A. Example", "B. Sample"],
        ),
        ("Ada Example (Here, Bo Sample", ["Ada Example Here", "Bo Sample"]),
        ("Ada Example), Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Ada Example, Jr., Bo Sample, III", ["Ada Example Jr.", "Bo Sample III"]),
        ("Ada Example Jr., Bo Sample", ["Ada Example Jr.", "Bo Sample"]),
        ("The Glyph Collaboration: A. Example", ["The Glyph Collaboration", "A. Example"]),
        ("Glyph Team, :, Ada Example", ["Glyph Team", "Ada Example"]),
        (
            "A. Example, for the Glyph Collaboration",
            ["A. Example", "Glyph Collaboration"],
        ),
        ("A. Example, on behalf of the Glyph Group", ["A. Example", "Glyph Group"]),
        ("A. Example, B. Sample, et al.", ["A. Example", "B. Sample"]),
        ("A. Example et al", ["A. Example"]),
        (r"M{\"u}ller, \'E. Dupont", [r"M{\"u}ller", r"\'E. Dupont"]),
        ("{Example and Sons, Ltd.}, Bo Sample", ["{Example and Sons, Ltd.}", "Bo Sample"]),
        ("Фёдор Пример, 山田太郎", ["Фёдор Пример", "山田太郎"]),
        ("", []),
        (" , ; and : () ", []),
    ],
)
def test_a_line_becomes_names(line, names):
    assert split_authors(line) == tuple(names)


@given(st.lists(st.from_regex(r"[A-Z]\. [B-HJ-R][a-z]{1,8}", fullmatch=True), min_size=1))
def test_names_that_were_joined_come_apart_again(names):
    assert split_authors(", ".join(names)) == tuple(names)


@given(st.text(alphabet="aB{}(),;: &\\and", max_size=200))
def test_no_line_is_too_much(line):
    names = split_authors(line)
    assert all(name == " ".join(name.split()) and name for name in names)


def test_a_line_of_brackets_takes_no_time():
    assert split_authors("(" * 200_000 + "a" + ")" * 200_000) == ()
    assert len(split_authors("{" + "a, " * 100_000)) == 1
