"""The three commands, as scripts rely on them."""

import json
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from ingest.management.commands.suggest import Progress
from ingest.models import SuggesterModel
from ingest.suggest import active
from taxonomy.models import Screening
from tests.ingest.suggest.made_up import SUBJECTS, examples, write_labels
from tests.ingest.suggest.rows import LATENCY, concepts, state, suggested, waiting

pytestmark = pytest.mark.django_db


def run(name, *args):
    out = StringIO()
    call_command(name, *map(str, args), stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def labels(tmp_path):
    path = tmp_path / "labels.jsonl.gz"
    write_labels(path, examples())
    return path


def test_training_on_a_file_writes_the_model_file_and_nothing_else(labels, tmp_path):
    concepts()
    path = tmp_path / "out" / "model.npz"
    said = run("train_suggester", "--labels", labels, "--model", path)
    assert said == f"{path}: learned from 120 papers.\n"
    assert path.exists()
    assert not SuggesterModel.objects.exists()
    assert not active.folder().exists()


def test_training_without_a_file_learns_from_decisions():
    concepts()
    said = run("train_suggester")
    expected = "learned-1: learned from 0 papers, not used: no better than the vocabulary.\n"
    assert said == expected


def test_a_model_is_measured_on_labelled_papers(labels, tmp_path):
    concepts()
    path = tmp_path / "model.npz"
    run("train_suggester", "--labels", labels, "--model", path)
    plain = tmp_path / "test.jsonl"
    write_labels(plain, examples(30, seed=7))
    found = json.loads(run("evaluate_suggester", "--labels", plain, "--model", path))
    assert found["papers"] == 30
    assert found["ndcg@5"] > 0.9
    assert found["papers_per_second"] > 0
    assert set(found["micro"]) == set(found["macro"]) == {"precision", "recall", "f1"}
    assert {"recall@5", "precision@1", "expected_calibration_error"} <= found.keys()
    tops = {subject.slug for subject in SUBJECTS.items if not subject.broader}
    assert set(found["labels"]) == tops
    assert found["labels"]["law"]["papers"] == 10


def test_predictions_hold_every_concept_in_the_order_of_the_file(labels, tmp_path):
    concepts()
    out = tmp_path / "predictions.jsonl"
    plain = tmp_path / "test.jsonl"
    papers = [(LATENCY["title"], LATENCY["abstract"]), ("Apple orchards", "Trees in spring.")]
    write_labels(plain, replace(examples(2), papers=papers))
    run("evaluate_suggester", "--labels", plain, "--predictions", out)
    first, second = map(json.loads, out.read_text().splitlines())
    assert set(first["scores"]) == set(second["scores"]) == set(SUBJECTS.slugs)
    assert all(0 <= value <= 1 for value in first["scores"].values())
    assert (first["suggested"], second["suggested"]) == (["slow-answers"], [])


def test_narrower_labels_are_measured_where_they_are_asked(tmp_path):
    concepts()
    plain = tmp_path / "test.jsonl"
    papers = [("Pruning language models", "Weight removal.")]
    write_labels(plain, replace(examples(1), papers=papers, labels=[{"pruning", "odd"}]))
    found = json.loads(run("evaluate_suggester", "--labels", plain))
    assert set(found["labels"]) == set(SUBJECTS.slugs)
    assert found["labels"]["slow-answers"]["recall"] == 1.0
    assert found["unknown_labels"] == ["odd"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "test.jsonl:2: not JSON"),
        ("[]", "test.jsonl:2: expected an object."),
        ('{"title": "x", "labels": []}', "test.jsonl:2: abstract must be text."),
        ('{"title": "x", "abstract": "", "labels": "law"}', "test.jsonl:2: labels must be"),
    ],
)
def test_a_broken_line_is_named(tmp_path, line, reason):
    concepts()
    path = tmp_path / "test.jsonl"
    path.write_text('{"title": "x", "abstract": "", "labels": []}\n' + line + "\n")
    with pytest.raises(CommandError, match=reason):
        run("evaluate_suggester", "--labels", path)


@pytest.mark.parametrize("content", [None, b"not gzip", b"\x1f\x8b\x08\x00 broken"])
def test_a_file_that_cannot_be_read_is_refused_in_a_line(tmp_path, content):
    path = tmp_path / "labels.jsonl.gz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CommandError, match=r"labels\.jsonl\.gz"):
        run("train_suggester", "--labels", path)


def test_an_unreadable_model_is_refused(labels, tmp_path):
    concepts()
    with pytest.raises(CommandError, match="cannot be read"):
        run("evaluate_suggester", "--labels", labels, "--model", tmp_path / "none.npz")


def test_without_a_vocabulary_nothing_can_be_learned_or_measured(labels):
    for command in ("train_suggester", "evaluate_suggester"):
        with pytest.raises(CommandError, match="load_taxonomy"):
            run(command, "--labels", labels)


def test_suggest_takes_those_that_wait_and_all_with_all():
    concepts()
    paper = waiting(**LATENCY)
    assert run("suggest") == "Suggested for 1 papers.\n"
    assert run("suggest") == "Suggested for 0 papers.\n"
    assert run("suggest", "--all") == "Suggested for 1 papers.\n"
    assert (state(paper), suggested(paper)) == ("waiting", ["slow-answers"])


def test_suggest_says_how_far_all_are_and_how_long_it_takes():
    papers = [waiting(**LATENCY) for _ in range(4)]
    progress = Progress(StringIO())
    assert progress.progress(progress.began + 10) == "0 papers (0 %), 0 a second"
    Screening.objects.filter(paper=papers[0]).update(state="abstained")  # by another process
    assert progress.progress(progress.began + 0.1) == (
        "1 papers (25 %), 10 a second, about 0 s left"
    )
