"""A model as a file."""

import json

import numpy as np
import pytest

from ingest.suggest import artefact, training
from ingest.suggest.combine import Suggester
from ingest.suggest.subjects import Subject, Subjects
from tests.ingest.suggest.made_up import SUBJECTS, examples

PAPERS = examples(6, seed=9).papers


@pytest.fixture(scope="module")
def learned():
    return training.train(SUBJECTS, examples()).suggester


def test_what_is_loaded_scores_as_what_was_saved(learned, tmp_path):
    path = tmp_path / "new" / "model.npz"
    artefact.save(learned, path)
    loaded = artefact.load(path, SUBJECTS, "learned-7")
    assert loaded.name == "learned-7"
    assert (loaded.probabilities(PAPERS) == learned.probabilities(PAPERS)).all()
    assert (loaded.thresholds == learned.thresholds).all()
    assert [found.name for found in path.parent.iterdir()] == ["model.npz"]


def test_a_file_from_before_concepts_had_weights_of_their_own_uses_the_common_ones(
    learned, tmp_path
):
    path = tmp_path / "model.npz"
    artefact.save(learned, path)
    with np.load(path) as file:
        before = {name: file[name] for name in file.files}
    meta = json.loads(before["meta"].tobytes())
    del meta["mixture"]["own"]
    before["meta"] = np.frombuffer(json.dumps(meta).encode(), np.uint8)
    np.savez(path, **before)
    weights = artefact.load(path, SUBJECTS).weights[:, SUBJECTS.columns()["law"]]
    assert weights.tolist() == pytest.approx(learned.mixture.trained, abs=1e-5)


def test_a_suggester_that_learned_nothing_can_be_kept_too(tmp_path):
    artefact.save(Suggester(SUBJECTS), tmp_path / "model.npz")
    loaded = artefact.load(tmp_path / "model.npz", SUBJECTS)
    expected = Suggester(SUBJECTS).probabilities(PAPERS)
    assert (loaded.probabilities(PAPERS) == expected).all()


def test_a_vocabulary_that_changed_since_shifts_nothing(learned, tmp_path):
    artefact.save(learned, tmp_path / "model.npz")
    kept = [subject for subject in SUBJECTS.items if subject.slug != "slow-answers"]
    changed = Subjects((Subject("new"), *reversed([s for s in kept if s.slug != "pruning"])))
    loaded = artefact.load(tmp_path / "model.npz", changed)
    probabilities = loaded.probabilities(
        [("Language models as lawyers", "A judge, a statute.")]
    )
    assert changed.slugs[int(probabilities[0].argmax())] == "law"


@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "flipped", "text", "format"])
def test_a_damaged_file_is_refused_in_one_way(learned, tmp_path, monkeypatch, damage):
    path = tmp_path / "model.npz"
    if damage == "format":
        monkeypatch.setattr(artefact, "FORMAT", 2)
    artefact.save(learned, path)
    monkeypatch.undo()
    whole = path.read_bytes()
    half = len(whole) // 2
    wrong = {
        "empty": b"",
        "cut": whole[:half],
        "flipped": whole[:half] + bytes(255 - byte for byte in whole[half:]),
        "text": b"not a model\n",
    }
    if damage == "missing":
        path.unlink()
    elif damage in wrong:
        path.write_bytes(wrong[damage])
    with pytest.raises(artefact.ModelUnreadable):
        artefact.load(path, SUBJECTS)


def test_a_file_that_cannot_be_written_leaves_the_old_one(learned, tmp_path, monkeypatch):
    path = tmp_path / "model.npz"
    artefact.save(learned, path)
    before = path.read_bytes()

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(OSError, match="No space"):
        artefact.save(Suggester(SUBJECTS), path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
