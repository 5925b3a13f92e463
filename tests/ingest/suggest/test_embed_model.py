"""A folder with an embedding model."""

import json

import numpy as np
import pytest

from ingest.suggest import embed_model
from ingest.suggest.embed_model import FileUnreadable
from tests.ingest.suggest.embed_models import encoder, table


def test_a_table_makes_of_a_text_the_mean_of_its_words_of_length_1(tmp_path):
    model = embed_model.load(table(tmp_path, {"law": (3.0, 0.0), "court": (0.0, 1.0)}))
    assert model.width == 2
    found = model.vectors(["Law law court unknown", "law", "unknown", ""])
    mean = np.array([6.0, 1.0]) / 37**0.5
    assert found == pytest.approx(np.array([mean, [1, 0], [0, 0], [0, 0]]), abs=1e-6)


def test_a_table_may_lie_where_sentence_transformers_puts_it(tmp_path):
    table(tmp_path / "0_StaticEmbedding", name="embedding.weight")
    assert embed_model.load(tmp_path).vectors(["law"]).tolist() == [[0, 0, 1]]
    assert embed_model.is_table(tmp_path)


def test_an_encoder_takes_the_mean_or_the_first_piece(tmp_path):
    mean = embed_model.load(encoder(tmp_path / "mean"))
    first = embed_model.load(encoder(tmp_path / "first", pooling="cls_token"))
    assert not embed_model.is_table(tmp_path / "mean")
    ((one,), (other,)) = (model.vectors(["the law"]) for model in (mean, first))
    assert one.shape == other.shape == (8,)
    assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
    whole = mean.pool.__self__.bert.vectors(np.array([2, 17, 14, 3]))  # [CLS] the law [SEP]
    assert one == pytest.approx(whole.mean(axis=0) / np.linalg.norm(whole.mean(axis=0)))
    assert other == pytest.approx(whole[0] / np.linalg.norm(whole[0]))


def test_a_text_does_not_change_with_its_neighbours(tmp_path):
    model = embed_model.load(encoder(tmp_path))
    texts = ["the law", "latency of the language model", ""]
    together = model.vectors(texts)
    assert (together == np.vstack([model.vectors([text]) for text in texts])).all()


def test_what_is_longer_than_the_encoder_reads_is_cut(tmp_path):
    model = embed_model.load(encoder(tmp_path, longest=6))
    long, cut = model.vectors(["law law law law court court", "law law law law"])
    assert (long == cut).all()


def test_another_file_is_another_name(tmp_path):
    names = {
        embed_model.load(folder).name
        for folder in (
            table(tmp_path / "a"),
            table(tmp_path / "b", {"law": (1.0, 0.0)}),
            encoder(tmp_path / "c"),
            encoder(tmp_path / "d", seed=2),
            encoder(tmp_path / "e", pooling="cls_token"),
        )
    }
    assert len(names) == 5
    assert embed_model.load(table(tmp_path / "f")).name in names


@pytest.mark.parametrize(
    ("file", "said", "why"),
    [
        ("config.json", {"model_type": "roberta"}, "roberta"),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}, "mean"),
        ("modules.json", [{"type": "sentence_transformers.models.Dense"}], "Dense"),
        ("sentence_bert_config.json", {"max_seq_length": "many"}, "many"),
    ],
)
def test_an_encoder_that_is_not_computed_says_why(tmp_path, file, said, why):
    encoder(tmp_path)
    (tmp_path / file).write_text(json.dumps(said))
    with pytest.raises(FileUnreadable, match=why):
        embed_model.load(tmp_path)


@pytest.mark.parametrize("gone", ["model.safetensors", "tokenizer.json", "config.json"])
def test_a_file_that_is_missing_is_named(tmp_path, gone):
    encoder(tmp_path)
    (tmp_path / gone).unlink()
    with pytest.raises(FileUnreadable, match=gone):
        embed_model.load(tmp_path)


def test_a_table_has_two_dimensions(tmp_path):
    from tests.ingest.suggest.embed_models import write_tensors

    table(tmp_path)
    write_tensors(tmp_path / "model.safetensors", {"embeddings": np.ones(3, np.float32)})
    with pytest.raises(FileUnreadable, match="dimensions"):
        embed_model.load(tmp_path)
