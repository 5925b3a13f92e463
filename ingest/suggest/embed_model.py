"""A folder with a sentence-embedding model, as such models are handed out; nothing is fetched.

Two kinds are computed, both in NumPy: a sentence encoder of BERT's build, and a static table
of a vector for each piece (as model2vec, WordLlama and sentence-transformers write it).
"""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ingest.suggest import embed_pieces, embed_tensors
from ingest.suggest.embed_bert import Bert
from ingest.suggest.embed_pieces import Pieces
from ingest.suggest.embed_tensors import FileUnreadable

Matrix = NDArray[np.float32]

WEIGHTS, PIECES = "model.safetensors", "tokenizer.json"
_SETTINGS = ("config.json", "sentence_bert_config.json", "1_Pooling/config.json")
_TABLES = ("embedding.weight", "embeddings")  # what the table is called
_TABLE_FOLDER = "0_StaticEmbedding"
_STEPS = {"Transformer", "Pooling", "Normalize", "StaticEmbedding"}


@dataclass(frozen=True)
class Model:
    """Texts → vectors of length 1, one a row; all 0 where nothing of a text is known."""

    name: str  # of what is in its files: another file, another name
    width: int
    pieces: Pieces
    pool: Callable[[list[int]], Matrix]

    def vectors(self, texts: Sequence[str]) -> Matrix:
        """What a text becomes does not depend on the others."""
        found = np.zeros((len(texts), self.width), np.float32)
        for row, text in enumerate(texts):
            found[row] = self.pool(self.pieces.numbers(text))
        found /= np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return found


def load(folder: Path) -> Model:
    """Raises FileUnreadable, which says what is wrong with it."""
    weights = _found(folder, WEIGHTS)
    tensors = embed_tensors.read(weights)
    pieces = embed_pieces.read(_found(folder, PIECES))
    name = name_of(folder)
    table = next((tensors[one] for one in _TABLES if one in tensors), None)
    if table is not None:
        if table.ndim != 2:
            raise FileUnreadable(f"{weights}: the table has {table.ndim} dimensions, not 2.")
        return Model(name, table.shape[1], pieces, _Table(table, pieces).mean)
    try:
        _refuse_other_steps(folder)
        config = _json(folder / _SETTINGS[0])
        if config["model_type"] != "bert":
            raise ValueError(f"a model of the kind {config['model_type']}, not bert")
        encoder = _Encoder(folder, Bert(tensors, config), pieces)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise FileUnreadable(f"{folder} holds no model that is computed: {error}") from error
    return Model(name, encoder.bert.width, pieces, encoder.pooled)


def is_table(folder: Path) -> bool:
    """Whether it costs next to nothing to ask. Raises FileUnreadable."""
    names = embed_tensors.names(_found(folder, WEIGHTS))
    return not names.isdisjoint(_TABLES)


def name_of(folder: Path) -> str:
    """A digest of all that decides what a text becomes. Raises FileUnreadable."""
    digest = hashlib.sha256()
    try:
        for path in (_found(folder, WEIGHTS), _found(folder, PIECES)):
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        for settings in _SETTINGS:
            path = folder / settings
            digest.update(path.read_bytes() if path.is_file() else b"")
    except OSError as error:
        raise FileUnreadable(f"{error.filename} cannot be read: {error.strerror}") from error
    return digest.hexdigest()[:16]


class _Table:
    """The mean of the vectors of a text's pieces."""

    def __init__(self, table: Matrix, pieces: Pieces) -> None:
        self._table = table
        self._unknown = getattr(pieces, "unknown", -1)

    def mean(self, numbers: list[int]) -> Matrix:
        known = [one for one in numbers if one != self._unknown and one < len(self._table)]
        if not known:
            return np.zeros(self._table.shape[1], np.float32)
        return np.asarray(self._table[known].mean(axis=0), np.float32)


class _Encoder:
    """The mean of what the encoder makes of a text's pieces, or what it makes of the first."""

    def __init__(self, folder: Path, bert: Bert, pieces: Pieces) -> None:
        self.bert = bert
        pooling = _json(folder / _SETTINGS[2])
        ways = {name for name, is_on in pooling.items() if is_on is True} & {
            f"pooling_mode_{way}"
            for way in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")
        }
        if ways not in ({"pooling_mode_cls_token"}, {"pooling_mode_mean_tokens"}):
            raise ValueError("only the mean and the first piece are taken for the whole")
        self._is_first = ways == {"pooling_mode_cls_token"}
        said = _json(folder / _SETTINGS[1]) if (folder / _SETTINGS[1]).is_file() else {}
        self._longest = min(bert.longest, int(said.get("max_seq_length") or bert.longest))
        self._begin, self._end = (pieces.vocabulary[mark] for mark in ("[CLS]", "[SEP]"))

    def pooled(self, numbers: list[int]) -> Matrix:
        whole = [self._begin, *numbers[: self._longest - 2], self._end]
        found = self.bert.vectors(np.array(whole, np.int64))
        return found[0] if self._is_first else np.asarray(found.mean(axis=0), np.float32)


def _found(folder: Path, file: str) -> Path:
    """In the folder, or in the one where sentence-transformers puts a table."""
    for path in (folder / file, folder / _TABLE_FOLDER / file):
        if path.is_file():
            return path
    raise FileUnreadable(f"{folder} holds no {file}.")


def _refuse_other_steps(folder: Path) -> None:
    """A model that does more with a text than is computed here would be another one."""
    path = folder / "modules.json"
    steps = _json(path) if path.is_file() else []
    if others := {one["type"].rpartition(".")[2] for one in steps} - _STEPS:
        raise ValueError(f"it has steps of the kind {', '.join(sorted(others))}")


def _json(path: Path) -> Any:
    return json.loads(path.read_bytes())
