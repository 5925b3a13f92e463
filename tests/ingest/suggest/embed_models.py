"""Folders with embedding models that nobody trained."""

import json

import numpy as np

# A table that knows some words by what they are about: speed, facts, law.
TABLE = {
    "latency": (1, 0, 0), "answers": (1, 0, 0), "slow": (1, 0, 0), "velocity": (1, 0, 0),
    "haste": (1, 0, 0), "weights": (0.8, 0, 0.1), "pruning": (0.8, 0.1, 0),
    "facts": (0, 1, 0), "hallucinations": (0, 1, 0), "source": (0, 1, 0),
    "law": (0, 0, 1), "legal": (0, 0, 1), "court": (0, 0, 1),
    "the": (0.1, 0.1, 0.1), "model": (0.1, 0.2, 0.1), "language": (0.2, 0.1, 0.1),
}  # fmt: skip
MARKS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")
KINDS = {"float32": "F32", "float16": "F16", "float64": "F64", "uint16": "BF16"}


def write_tensors(path, tensors):
    header, data = {}, b""
    for name, values in tensors.items():
        begin, data = len(data), data + values.tobytes()
        header[name] = {
            "dtype": KINDS[values.dtype.name],
            "shape": list(values.shape),
            "data_offsets": [begin, len(data)],
        }
    said = json.dumps(header | {"__metadata__": {"format": "np"}}).encode()
    path.write_bytes(len(said).to_bytes(8, "little") + said + data)


def word_pieces(words, **model):
    """A tokenizer's file that knows these pieces and the usual marks."""
    known = [*MARKS, *words]
    return {
        "normalizer": {"type": "BertNormalizer", "lowercase": True, "strip_accents": None},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 20,
            "vocab": {word: number for number, word in enumerate(known)},
            **model,
        },
    }


def table(folder, words=TABLE, name="embeddings"):
    """A vector for each word; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    width = len(next(iter(words.values())))
    rows = [(0.0,) * width] * len(MARKS) + list(words.values())
    write_tensors(folder / "model.safetensors", {name: np.array(rows, np.float32)})
    (folder / "tokenizer.json").write_text(json.dumps(word_pieces(words)))
    return folder


def encoder(folder, words=TABLE, *, pooling="mean_tokens", longest=12, layers=2, seed=1):
    """BERT's build with random weights, 8 wide, two heads; returns the folder."""
    (folder / "1_Pooling").mkdir(parents=True, exist_ok=True)
    tensors = encoder_tensors(len(words) + len(MARKS), longest, layers, seed)
    write_tensors(folder / "model.safetensors", tensors)
    (folder / "tokenizer.json").write_text(json.dumps(word_pieces(words)))
    for file, said in {
        "config.json": encoder_config(layers),
        "sentence_bert_config.json": {"max_seq_length": longest},
        "1_Pooling/config.json": {f"pooling_mode_{pooling}": True},
        "modules.json": [
            {"type": f"sentence_transformers.models.{one}"}
            for one in ("Transformer", "Pooling")
        ],
    }.items():
        (folder / file).write_text(json.dumps(said))
    return folder


def encoder_config(layers):
    return {
        "model_type": "bert",
        "hidden_act": "gelu",
        "num_attention_heads": 2,
        "num_hidden_layers": layers,
        "layer_norm_eps": 1e-12,
    }


def encoder_tensors(pieces, longest, layers, seed, width=8, wide=16):
    chance = np.random.default_rng(seed)
    shapes = {
        "embeddings.word_embeddings.weight": (pieces, width),
        "embeddings.position_embeddings.weight": (longest, width),
        "embeddings.token_type_embeddings.weight": (2, width),
        **_norm("embeddings.LayerNorm", width),
    }
    for at in range(layers):
        of = f"encoder.layer.{at}"
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= _dense(f"{of}.attention.{name}", width, width)
        shapes |= _norm(f"{of}.attention.output.LayerNorm", width)
        shapes |= _dense(f"{of}.intermediate.dense", width, wide)
        shapes |= _dense(f"{of}.output.dense", wide, width)
        shapes |= _norm(f"{of}.output.LayerNorm", width)
    return {
        name: chance.normal(0, 0.7, shape).astype(np.float32) for name, shape in shapes.items()
    }


def _dense(name, inputs, outputs):
    return {f"{name}.weight": (outputs, inputs), f"{name}.bias": (outputs,)}


def _norm(name, width):
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}
