"""BERT's encoder, against the same written out number by number."""

import math

import numpy as np
import pytest

from ingest.suggest.embed_bert import Bert
from tests.ingest.suggest.embed_models import encoder_config, encoder_tensors


def plain(tensors, numbers, *, layers, heads=2):
    """Lists of numbers and loops: slow, and easy to compare with a description."""
    get = {name: values.astype(float).tolist() for name, values in tensors.items()}

    def dense(name, row):
        rows, bias = get[f"{name}.weight"], get[f"{name}.bias"]
        return [
            sum(a * b for a, b in zip(one, row, strict=True)) + add
            for one, add in zip(rows, bias, strict=True)
        ]

    def norm(name, row):
        mean = sum(row) / len(row)
        spread = math.sqrt(sum((one - mean) ** 2 for one in row) / len(row) + 1e-12)
        by = zip(row, get[f"{name}.weight"], get[f"{name}.bias"], strict=True)
        return [(one - mean) / spread * times + add for one, times, add in by]

    def plus(*rows):
        return [sum(column) for column in zip(*rows, strict=True)]

    words, places, kinds = (
        get[f"embeddings.{one}_embeddings.weight"] for one in ("word", "position", "token_type")
    )
    rows = [
        norm("embeddings.LayerNorm", plus(words[number], places[at], kinds[0]))
        for at, number in enumerate(numbers)
    ]
    for layer in range(layers):
        of = f"encoder.layer.{layer}"
        query, key, value = (
            [dense(f"{of}.attention.self.{one}", row) for row in rows]
            for one in ("query", "key", "value")
        )
        size = len(rows[0]) // heads
        around = []
        for mine in query:
            joined = []
            for head in range(heads):
                part = slice(head * size, (head + 1) * size)
                said = [
                    math.exp(
                        sum(a * b for a, b in zip(mine[part], one[part], strict=True))
                        / math.sqrt(size)
                    )
                    for one in key
                ]
                joined += [
                    sum(w * one[part][at] for w, one in zip(said, value, strict=True))
                    / sum(said)
                    for at in range(size)
                ]
            around.append(joined)
        for at, row in enumerate(rows):
            added = plus(row, dense(f"{of}.attention.output.dense", around[at]))
            calm = norm(f"{of}.attention.output.LayerNorm", added)
            wide = [
                one * (1 + math.erf(one / math.sqrt(2))) / 2
                for one in dense(f"{of}.intermediate.dense", calm)
            ]
            rows[at] = norm(
                f"{of}.output.LayerNorm", plus(calm, dense(f"{of}.output.dense", wide))
            )
    return rows


@pytest.mark.parametrize("numbers", [[3], [2, 5, 5, 1], [0, 1, 2, 3, 4, 5, 6, 7]])
def test_each_piece_becomes_what_the_description_says(numbers):
    tensors = encoder_tensors(pieces=9, longest=8, layers=2, seed=3)
    found = Bert(tensors, encoder_config(layers=2)).vectors(np.array(numbers))
    assert found.dtype == np.float32
    assert found == pytest.approx(np.array(plain(tensors, numbers, layers=2)), abs=2e-5)


def test_names_may_begin_with_that_of_the_model():
    tensors = encoder_tensors(pieces=9, longest=8, layers=1, seed=3)
    longer = {f"bert.{name}": values for name, values in tensors.items()}
    config = encoder_config(layers=1)
    one, other = Bert(tensors, config), Bert(longer, config)
    assert (one.vectors(np.array([1, 2])) == other.vectors(np.array([1, 2]))).all()


@pytest.mark.parametrize(
    "other",
    [
        {"hidden_act": "relu"},
        {"position_embedding_type": "relative_key"},
        {"num_attention_heads": 3},
        {"num_hidden_layers": 2},
    ],
)
def test_a_model_of_another_build_is_refused(other):
    tensors = encoder_tensors(pieces=9, longest=8, layers=1, seed=3)
    with pytest.raises((ValueError, KeyError)):
        Bert(tensors, encoder_config(layers=1) | other)
