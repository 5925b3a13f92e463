"""What was learned, as one file: arrays and JSON, nothing that could run code."""

import json
import os
import tempfile
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ingest.suggest.calibrate import Calibration
from ingest.suggest.combine import Mixture, Suggester
from ingest.suggest.embed_nearness import Embedding, Taught
from ingest.suggest.linear import Linear
from ingest.suggest.subjects import Subjects
from ingest.suggest.vectors import Features

FORMAT = 1
_ARRAYS = ("pairs", "rarity", "weights", "bias", "vector_planes", "vector_bias")


class ModelUnreadable(Exception):
    """The file is missing, cut off, damaged, or of another format."""


def save(suggester: Suggester, path: Path) -> None:
    """Write the file whole or not at all: a reader never sees half of it."""
    linear = suggester.linear
    meta: dict[str, Any] = {
        "format": FORMAT,
        "name": suggester.name,
        "words": linear.features.words if linear else [],
        "slugs": linear.slugs if linear else [],
        "mixture": asdict(suggester.mixture),
        "calibration": asdict(suggester.calibration),
    }
    arrays: dict[str, Any] = {}
    if linear:
        features = linear.features
        arrays = {
            "pairs": features.pairs,
            "rarity": features.rarity,
            "weights": linear.weights,
            "bias": linear.bias,
        }
    if taught := suggester.taught:
        meta["embedding"] = {
            "model": taught.model,
            "slugs": list(taught.slugs),
            "weights": dict(taught.weights),
        }
        arrays |= {"vector_planes": taught.planes, "vector_bias": taught.bias}
    text = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, meta=text, **arrays)
            file.flush()
            os.fsync(file.fileno())
        Path(partial).chmod(0o644)
        os.replace(partial, path)
    except BaseException:
        Path(partial).unlink(missing_ok=True)
        raise


def load(
    path: Path,
    subjects: Subjects,
    name: str = "",
    target: int | None = None,
    embedding: Embedding | None = None,
) -> Suggester:
    """The suggester as saved, for the vocabulary as it is now. Raises ModelUnreadable."""
    try:
        with path.open("rb") as opened, np.load(opened, allow_pickle=False) as file:
            meta = json.loads(file["meta"].tobytes())
            arrays = {key: file[key] for key in _ARRAYS if key in file}
        if meta["format"] != FORMAT:
            raise ModelUnreadable(f"{path} has format {meta['format']}, not {FORMAT}.")
        return Suggester(
            subjects,
            linear=_linear(meta, arrays) if meta["slugs"] else None,
            mixture=_mixture(meta["mixture"]),
            calibration=Calibration(**meta["calibration"]),
            name=name or meta["name"],
            target=target,
            embedding=embedding,
            taught=_taught(meta.get("embedding"), arrays),
        )
    except (
        OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        raise ModelUnreadable(f"{path} cannot be read: {error}") from error


def _mixture(found: dict[str, Any]) -> Mixture:
    own = found.get("own", {})  # files from before have none
    return Mixture(
        tuple(found["untrained"]),
        tuple(found["trained"]),
        {slug: tuple(weights) for slug, weights in own.items()},
    )


def _taught(said: dict[str, Any] | None, arrays: dict[str, Any]) -> Taught | None:
    if said is None:  # as in files from before
        return None
    planes, bias = arrays["vector_planes"], arrays["vector_bias"]
    if planes.ndim != 2 or {planes.shape[1:], bias.shape} != {(len(said["slugs"]),)}:
        raise ValueError("the planes of vectors do not fit each other")
    return Taught(said["model"], said["slugs"], planes, bias, said["weights"])


def _linear(meta: dict[str, Any], arrays: dict[str, Any]) -> Linear:
    features = Features(meta["words"], arrays["pairs"], arrays["rarity"])
    expected = (2 * features.width, len(meta["slugs"]))
    if arrays["weights"].shape != expected or arrays["bias"].shape != expected[1:]:
        raise ValueError("the arrays do not fit each other")
    return Linear(features, meta["slugs"], arrays["weights"], arrays["bias"])
