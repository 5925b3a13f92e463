"""What is a link, what is a name, and that all else is text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy.talk.comments import tidy
from taxonomy.talk.mentions import called_in, names_in, paragraphs_of, pieces_of, renamed
from tests.factories import UserFactory

# Much of what matters, often enough.
ALPHABET = st.sampled_from([*"ab1@./:-+_ \n()<>&\"'，課", "http://", "https://x.y", "@ada"])
TEXTS = st.lists(ALPHABET, max_size=40).map("".join) | st.text(max_size=60)


@given(TEXTS)
def test_no_character_is_lost_and_none_is_made_up(text):
    for line in text.split("\n"):
        assert "".join(piece.text for piece in pieces_of(line)) == line


@given(TEXTS)
def test_links_lead_to_the_web_and_hold_nothing_that_ends_an_attribute(text):
    for line in text.split("\n"):
        for piece in pieces_of(line):
            if piece.href:
                assert piece.href == piece.text
                assert piece.href.lower().startswith(("http://", "https://"))
                assert not set(piece.href) & set('<>" \t')
            assert not piece.name or piece.text == f"@{piece.name}"


@given(TEXTS)
def test_whoever_is_renamed_is_called_no_more(text):
    assert "ada" not in [name.casefold() for name in names_in(renamed(text, "ada", "bo"))]


@given(TEXTS)
def test_paragraphs_hold_every_word(text):
    words = "".join(
        piece.text for lines in paragraphs_of(tidy(text)) for line in lines for piece in line
    )
    assert words.split() == tidy(text).replace("\n", "").split() or "\n" in tidy(text)
    assert "".join(words.split()) == "".join(tidy(text).split())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@ada, look", ["ada"]),
        ("ask @ada.lovelace.", ["ada.lovelace"]),
        ("(@ada) @bo @ada", ["ada", "bo"]),
        ("mail@example.org and https://x.org/@ada", []),
        ("@@ada @ .@ada", []),
        ("課題は@アダ", []),
        ("見て @アダ", ["アダ"]),
    ],
)
def test_names_are_found_where_people_mean_them(text, names):
    assert names_in(text) == names


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://x.org/a_(b).", "https://x.org/a_(b)"),
        ("(https://x.org/a)", "https://x.org/a"),
        ("https://x.org/?a=1&b=2, then", "https://x.org/?a=1&b=2"),
        ("https://例え.jp/道。次", "https://例え.jp/道"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
    ],
)
def test_an_address_ends_where_the_sentence_goes_on(text, link):
    assert "".join(piece.href for piece in pieces_of(text)) == link


def test_accounts_are_called_however_they_are_spelled_unless_closed(db):
    ada, _bo = UserFactory(username="Ada"), UserFactory(username="bo", is_active=False)
    UserFactory(username="adam")
    assert called_in("@ada and @bo and @a.a") == [ada]
