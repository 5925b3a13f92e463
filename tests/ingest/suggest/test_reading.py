"""Papers as the numbers of their words."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest import reading as readings
from ingest.suggest.places import Places
from ingest.suggest.reading import Reading
from ingest.suggest.text import raw_words, stems
from ingest.suggest.words import Lookup, Words

TEXTS = st.text(alphabet=st.sampled_from("ab-_ ,é𝔸") | st.characters()) | st.sampled_from(
    ["Pre-training of re-rank-ers, state-of-the-art", "--a---b-", "snake_case", ""]
)
PAPERS = st.lists(st.tuples(TEXTS, TEXTS), max_size=4)


@given(PAPERS)
def test_papers_have_the_words_of_their_texts(papers):
    reading = Reading.of(papers)
    assert len(reading) == len(papers)
    assert [*reading.whole()] == [
        stems(raw_words(title)) + stems(raw_words(abstract)) for title, abstract in papers
    ]
    assert reading.title_lengths.tolist() == [len(raw_words(title)) for title, _ in papers]


def one_by_one(text):
    at = 0
    for word in raw_words(text):
        at = text.index(word, at)
        yield at, at + len(word)
        at += len(word)


@given(PAPERS)
def test_words_stand_in_their_texts_where_they_are_found_one_by_one(papers):
    found = Places(papers, Reading.of(papers))
    for field, text in enumerate(text for paper in papers for text in paper):
        expected = [*one_by_one(text)]
        stretches = [(field, number, number + 1) for number in range(len(expected))]
        assert found.of(stretches) == expected


def test_a_stretch_of_words_goes_from_the_first_to_the_last():
    papers = [("One two", "Three, four-legged ones")]
    found = Places(papers, Reading.of(papers))
    assert found.of([(0, 0, 2), (1, 1, 3)]) == [(0, 7), (7, 18)]


def test_a_process_that_has_met_too_many_words_begins_anew(monkeypatch):
    monkeypatch.setattr(readings, "_met", Words())
    monkeypatch.setattr(readings, "MOST_TOKENS", 3)
    lookup = Lookup({"two": 7})
    before = Reading.of([("One two", "")])
    assert lookup.of(before.words.forms)[before.forms].tolist() == [-1, 7, -1, -1]
    after = Reading.of([("Two", "one")])
    assert after.words is not before.words
    assert lookup.of(after.words.forms)[after.forms].tolist() == [7, -1, -1, -1]
    assert lookup.of(before.words.forms)[before.forms].tolist() == [-1, 7, -1, -1]


def test_what_was_found_is_not_looked_for_again():
    reading, asked = Reading.of([("One", "two")]), []
    for _ in range(2):
        assert reading.once("finder", lambda: asked.append(1)) is None
    assert asked == [1]


@pytest.mark.parametrize("threads", [4])
def test_threads_that_meet_words_at_once_agree_on_them(threads):
    words, together, found = Words(), threading.Barrier(threads), []
    texts = [[f"word-{number}" for number in range(500)]]

    def read():
        together.wait()
        numbers, _ = words.read(texts)
        found.append([words.written[number] for number in numbers.tolist()])

    readers = [threading.Thread(target=read) for _ in range(threads)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    expected = [part for token in texts[0] for part in token.split("-")]
    assert found == [[*expected, ""]] * threads
