"""Text cut into the pieces that an embedding model knows, by its `tokenizer.json`.

Two kinds are read: WordPiece as BERT's models have it, and pairs that are merged (BPE) as
SentencePiece makes them. Words come again and again: each is cut once.
"""

import json
import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from ingest.suggest.embed_tensors import FileUnreadable

MOST_WORDS = 200_000  # that a process remembers
SPACE = "▁"  # what stands for a space before a word in pieces that are merged

# What stands between words, single marks, and ideographs, as BERT has them.
_MARKS = r"!-/:-@\[-`{-~"
_IDEOGRAPHS = (
    "\u4e00-\u9fff\u3400-\u4dbf\uf900-\ufaff\U00020000-\U0002ceaf\U0002f800-\U0002fa1f"
)
_PLAIN = re.compile(rf"[{_MARKS}{_IDEOGRAPHS}]|[^\s{_MARKS}{_IDEOGRAPHS}]+")


class Pieces(Protocol):
    """What a model needs of a tokenizer."""

    vocabulary: Mapping[str, int]

    def numbers(self, text: str) -> list[int]:
        """Of the pieces of a text; what no piece stands for is left out or has its own."""


class _ByWord(ABC):
    """Cuts each word once."""

    def __init__(self) -> None:
        self._known: dict[str, list[int]] = {}

    @abstractmethod
    def _cut(self, word: str) -> list[int]:
        """The numbers of its pieces."""

    def _numbers_of(self, words: Iterable[str]) -> list[int]:
        found: list[int] = []
        for word in words:
            pieces = self._known.get(word)
            if pieces is None:
                if len(self._known) >= MOST_WORDS:
                    self._known.clear()
                pieces = self._known[word] = self._cut(word)
            found += pieces
        return found


class WordPieces(_ByWord):
    """The longest pieces from the left, those inside a word with a prefix."""

    def __init__(self, model: Mapping[str, Any], normalizer: Mapping[str, Any]) -> None:
        super().__init__()
        self.vocabulary: Mapping[str, int] = model["vocab"]
        self.unknown = self.vocabulary[model["unk_token"]]
        self._prefix = model["continuing_subword_prefix"]
        self._most = int(model["max_input_chars_per_word"])
        self._lower = bool(normalizer["lowercase"])
        accents = normalizer["strip_accents"]
        self._bare = self._lower if accents is None else bool(accents)

    def numbers(self, text: str) -> list[int]:
        """With that of the unknown where no piece fits."""
        return self._numbers_of(self._words(text))

    def _words(self, text: str) -> Iterator[str]:
        if not text.isascii():
            text = "".join(map(_cleaned, text))
        if self._bare and not text.isascii():
            parts = unicodedata.normalize("NFD", text)
            text = "".join(one for one in parts if unicodedata.category(one) != "Mn")
        if self._lower:
            text = text.lower()
        for word in _PLAIN.findall(text):
            yield from (word,) if word.isascii() else _apart(word)

    def _cut(self, word: str) -> list[int]:
        if len(word) > self._most:
            return [self.unknown]
        found, at = [], 0
        while at < len(word):
            prefix = self._prefix if at else ""
            for end in range(len(word), at, -1):
                number = self.vocabulary.get(prefix + word[at:end])
                if number is not None:
                    break
            else:
                return [self.unknown]
            found.append(number)
            at = end
        return found


class MergedPieces(_ByWord):
    """Characters, of which the pair that was merged first is merged again and again."""

    def __init__(self, model: Mapping[str, Any]) -> None:
        super().__init__()
        self.vocabulary: Mapping[str, int] = model["vocab"]
        pairs = (
            tuple(pair.split(" ", 1)) if isinstance(pair, str) else tuple(pair)
            for pair in model["merges"]
        )
        self._rank = {pair: rank for rank, pair in enumerate(pairs)}

    def numbers(self, text: str) -> list[int]:
        """Bytes stand for characters that no piece knows, where the model has them."""
        return self._numbers_of(text.split())

    def _cut(self, word: str) -> list[int]:
        parts = [SPACE, *word]
        while len(parts) > 1:
            ranks = [
                self._rank.get((parts[at], parts[at + 1]), len(self._rank))
                for at in range(len(parts) - 1)
            ]
            first = min(ranks)
            if first == len(self._rank):
                break
            at = ranks.index(first)
            parts[at : at + 2] = [parts[at] + parts[at + 1]]
        return [number for part in parts for number in self._of(part)]

    def _of(self, part: str) -> Iterator[int]:
        names = [part] if part in self.vocabulary else map("<0x{:02X}>".format, part.encode())
        for name in names:
            if name in self.vocabulary:
                yield self.vocabulary[name]


def read(path: Path) -> Pieces:
    """Raises FileUnreadable, also for a tokenizer of another kind."""
    try:
        said = json.loads(path.read_bytes())
        model, normalizer = said["model"], said.get("normalizer") or {}
        before = (said.get("pre_tokenizer") or {}).get("type")
        kind = model.get("type")
        if (kind, normalizer.get("type")) == ("WordPiece", "BertNormalizer"):
            return WordPieces(model, normalizer)
        is_spaced = before == "Metaspace" or f'"{SPACE}"' in json.dumps(
            normalizer, ensure_ascii=False
        )
        if kind == "BPE" and is_spaced:
            return MergedPieces(model)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise FileUnreadable(f"{path} cannot be read: {error}") from error
    raise FileUnreadable(f"{path}: only WordPiece as BERT has it, and SentencePiece's BPE.")


def _cleaned(letter: str) -> str:
    """Without what is no letter at all; every kind of space is one."""
    if letter in "\t\n\r" or unicodedata.category(letter) == "Zs":
        return " "
    if letter in "\0\ufffd" or unicodedata.category(letter).startswith("C"):
        return ""
    return letter


def _apart(word: str) -> Iterator[str]:
    """Punctuation beyond ASCII is a word of its own."""
    begin = 0
    for at, letter in enumerate(word):
        if unicodedata.category(letter).startswith("P"):
            if begin < at:
                yield word[begin:at]
            yield letter
            begin = at + 1
    if begin < len(word):
        yield word[begin:]
