"""Text cut into pieces."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.suggest import embed_pieces
from ingest.suggest.embed_pieces import MergedPieces, WordPieces
from ingest.suggest.embed_tensors import FileUnreadable
from tests.ingest.suggest.embed_models import word_pieces

WORDS = ["un", "##aff", "##able", "naive", "law", "東", "京", "-", "«", "'", "s", ",", "a"]
MERGES = ["▁ l", "▁l a", "▁la w", "a w", "w s"]
BYTES = [f"<0x{number:02X}>" for number in range(256)]
MERGED = ["<unk>", *BYTES, "▁", "▁l", "▁la", "▁law", "aw", "ws", "l", "a", "w", "s"]


def spaced(**model):
    return {
        "normalizer": {
            "type": "Sequence",
            "normalizers": [{"type": "Prepend", "prepend": "▁"}],
        },
        "pre_tokenizer": None,
        "model": {
            "type": "BPE",
            "vocab": {piece: number for number, piece in enumerate(MERGED)},
            "merges": MERGES,
            **model,
        },
    }


def words():
    said = word_pieces(WORDS)
    return WordPieces(said["model"], said["normalizer"])


BOTH = (words(), MergedPieces(spaced()["model"]))


def cut(pieces, text):
    names = {number: piece for piece, number in pieces.vocabulary.items()}
    return [names[number] for number in pieces.numbers(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("unaffable law", ["un", "##aff", "##able", "law"]),
        ("Unaffable LAW", ["un", "##aff", "##able", "law"]),
        ("naïve", ["naive"]),
        ("law's", ["law", "'", "s"]),
        ("law,law-law", ["law", ",", "law", "-", "law"]),
        ("«law", ["«", "law"]),
        ("東京", ["東", "京"]),
        ("law\u00a0law\tlaw\u200b", ["law", "law", "law"]),
        ("unlawful", ["[UNK]"]),
        ("unaffablex", ["[UNK]"]),
        ("un" * 11, ["[UNK]"]),
        ("", []),
    ],
)
def test_words_are_cut_from_the_left_into_the_longest_pieces(text, expected):
    assert cut(words(), text) == expected


def test_capitals_and_accents_stay_where_the_model_has_them():
    said = word_pieces(["Law", "law", "naïve"])
    pieces = WordPieces(said["model"], said["normalizer"] | {"lowercase": False})
    assert cut(pieces, "Law law naïve") == ["Law", "law", "naïve"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("law", ["▁law"]),
        ("laws", ["▁law", "s"]),
        ("aws", ["▁", "aw", "s"]),
        (" law  la", ["▁law", "▁la"]),
        ("é", ["▁", "<0xC3>", "<0xA9>"]),
        ("", []),
    ],
)
def test_the_pair_that_was_merged_first_is_merged_first(text, expected):
    assert cut(MergedPieces(spaced()["model"]), text) == expected


def test_pairs_may_be_written_apart():
    apart = [pair.split(" ") for pair in MERGES]
    assert cut(MergedPieces(spaced(merges=apart)["model"]), "laws") == ["▁law", "s"]


@given(st.text())
def test_every_text_has_pieces_that_the_model_knows(text):
    for pieces in BOTH:
        numbers = pieces.numbers(text)
        assert set(numbers) <= set(pieces.vocabulary.values())
        assert pieces.numbers(text) == numbers  # a word that was met is cut the same way


@given(st.text("law -,'"))
def test_pieces_of_words_hold_all_that_is_written(text):
    said = word_pieces([*"law-,'", *(f"##{letter}" for letter in "law")])
    pieces = WordPieces(said["model"], said["normalizer"])
    assert "".join(cut(pieces, text)).replace("##", "") == text.replace(" ", "")


def test_both_kinds_are_told_by_their_file(tmp_path):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(word_pieces(WORDS)))
    assert isinstance(embed_pieces.read(path), WordPieces)
    path.write_text(json.dumps(spaced()))
    assert isinstance(embed_pieces.read(path), MergedPieces)


@pytest.mark.parametrize(
    "said",
    [
        spaced(type="Unigram"),
        spaced() | {"normalizer": None},
        word_pieces(WORDS) | {"normalizer": {"type": "NFC"}},
        word_pieces(WORDS, unk_token="nowhere"),
        {"model": {"type": "WordPiece"}},
        {},
        [],
    ],
)
def test_what_is_cut_otherwise_is_refused(tmp_path, said):
    path = tmp_path / "tokenizer.json"
    path.write_text(json.dumps(said))
    with pytest.raises(FileUnreadable):
        embed_pieces.read(path)


def test_a_process_forgets_words_before_it_has_met_too_many(monkeypatch):
    monkeypatch.setattr(embed_pieces, "MOST_WORDS", 10)
    pieces = words()
    for number in range(30):
        pieces.numbers(f"law{number}")
        assert len(pieces._known) <= 10
