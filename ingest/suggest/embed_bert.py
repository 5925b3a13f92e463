"""A sentence as one vector: BERT's encoder, in NumPy.

One text after the other and no padding: what a text becomes does not depend on its
neighbours, and nothing is computed for what is not there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

# Of the error function: Abramowitz and Stegun, 7.1.26, the highest power first. SciPy's own
# takes three times as long, which is a third of all the time here.
_STEEPNESS = 0.3275911
_TERMS = (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592)


@dataclass(frozen=True)
class _Layer:
    """Weights as inputs × outputs, and what is added."""

    asked: tuple[Matrix, Matrix]  # queries, keys and values side by side
    joined: tuple[Matrix, Matrix]
    calmed: tuple[Matrix, Matrix]
    widened: tuple[Matrix, Matrix]
    narrowed: tuple[Matrix, Matrix]
    settled: tuple[Matrix, Matrix]


class Bert:
    """Numbers of pieces → a vector for each of them."""

    def __init__(self, tensors: Mapping[str, Matrix], config: Mapping[str, Any]) -> None:
        """Raises KeyError or ValueError where the weights are not those of such a model."""
        if (
            config["hidden_act"] != "gelu"
            or config.get("position_embedding_type", "absolute") != "absolute"
        ):
            raise ValueError("only GELU and absolute positions are computed")
        self._tensors = {name.removeprefix("bert."): one for name, one in tensors.items()}
        self._heads = int(config["num_attention_heads"])
        self._little = np.float32(config["layer_norm_eps"])
        self._words = self._tensors["embeddings.word_embeddings.weight"]
        kind = self._tensors["embeddings.token_type_embeddings.weight"][0]
        self._places = self._tensors["embeddings.position_embeddings.weight"] + kind
        self._calmed = self._pair("embeddings.LayerNorm", flip=False)
        self._layers = [self._layer(at) for at in range(int(config["num_hidden_layers"]))]
        self.width = self._words.shape[1]
        if self.width % self._heads:
            raise ValueError("the heads do not share the width")
        del self._tensors

    @property
    def longest(self) -> int:
        """In pieces."""
        return len(self._places)

    def vectors(self, numbers: NDArray[np.int64]) -> Matrix:
        """Pieces × width."""
        found = self._norm(self._words[numbers] + self._places[: len(numbers)], self._calmed)
        for layer in self._layers:
            around = _along(self._attended(found, layer), layer.joined)
            found = self._norm(found + around, layer.calmed)
            wide = _gelu(_along(found, layer.widened))
            found = self._norm(found + _along(wide, layer.narrowed), layer.settled)
        return found

    def _attended(self, found: Matrix, layer: _Layer) -> Matrix:
        """Each piece's sum of all pieces, head by head."""
        parts = _along(found, layer.asked).reshape(len(found), 3, self._heads, -1)
        query, key, value = parts.transpose(1, 2, 0, 3)
        weight = query @ key.transpose(0, 2, 1)
        weight *= np.float32(1 / np.sqrt(query.shape[-1]))
        weight -= weight.max(axis=-1, keepdims=True)
        np.exp(weight, out=weight)
        weight /= weight.sum(axis=-1, keepdims=True)
        heads = np.ascontiguousarray((weight @ value).transpose(1, 0, 2))
        return np.asarray(heads.reshape(len(found), -1), np.float32)

    def _norm(self, found: Matrix, by: tuple[Matrix, Matrix]) -> Matrix:
        found = found - found.mean(axis=-1, keepdims=True)
        spread = np.sqrt((found * found).mean(axis=-1, keepdims=True) + self._little)
        return np.asarray(found / spread * by[0] + by[1], np.float32)

    def _layer(self, at: int) -> _Layer:
        of = f"encoder.layer.{at}."
        asked = [self._pair(f"{of}attention.self.{one}") for one in ("query", "key", "value")]
        return _Layer(
            (np.hstack([one for one, _ in asked]), np.hstack([one for _, one in asked])),
            self._pair(f"{of}attention.output.dense"),
            self._pair(f"{of}attention.output.LayerNorm", flip=False),
            self._pair(f"{of}intermediate.dense"),
            self._pair(f"{of}output.dense"),
            self._pair(f"{of}output.LayerNorm", flip=False),
        )

    def _pair(self, name: str, *, flip: bool = True) -> tuple[Matrix, Matrix]:
        weight, bias = self._tensors[f"{name}.weight"], self._tensors[f"{name}.bias"]
        return (np.ascontiguousarray(weight.T) if flip else weight), bias


def _along(found: Matrix, by: tuple[Matrix, Matrix]) -> Matrix:
    return np.asarray(found @ by[0] + by[1], np.float32)


def _gelu(found: Matrix) -> Matrix:
    """With the error function by a polynomial, right to a few parts in ten million."""
    far = np.abs(found) * np.float32(1 / np.sqrt(2))
    near = 1 / (1 + np.float32(_STEEPNESS) * far)
    beyond = np.float32(_TERMS[0]) * near
    for term in _TERMS[1:]:
        beyond += np.float32(term)
        beyond *= near
    beyond *= np.exp(-far * far)  # 1 - erf
    return np.asarray(0.5 * (found + np.abs(found) * (1 - beyond)), np.float32)
