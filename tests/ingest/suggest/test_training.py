"""Learning from labelled papers."""

from dataclasses import replace

from ingest.suggest import training
from tests.ingest.suggest.made_up import SUBJECTS, examples


def test_training_says_how_good_it_is_on_papers_not_seen():
    trained = training.train(SUBJECTS, examples())
    assert trained.evaluation["papers"] == 120
    assert trained.evaluation["ndcg@5"] > 0.9
    assert trained.evaluation["vocabulary_alone"]["ndcg@5"] < trained.evaluation["ndcg@5"]
    assert trained.is_better


def test_too_few_papers_teach_nothing():
    said = []
    trained = training.train(SUBJECTS, examples(10), said.append)
    assert (trained.suggester.linear, trained.evaluation, trained.is_better) == (
        None,
        {},
        False,
    )
    assert said == ["10 labelled papers are too few: the vocabulary alone decides."]


def test_the_same_papers_teach_the_same():
    one, other = (training.train(SUBJECTS, examples()).suggester for _ in range(2))
    papers = examples(5, seed=8).papers
    assert (one.probabilities(papers) == other.probabilities(papers)).all()


def test_a_rejected_concept_scores_less():
    found = examples()
    law = SUBJECTS.columns()["law"]
    title, abstract = "A language model and court", "court judge kernel latency."
    papers = [*found.papers, *[(title, abstract)] * 10]
    labels = [*found.labels, *[{"slow-answers"}] * 10]
    kept = replace(found, papers=papers, labels=labels, rejected=[set() for _ in papers])
    rejected = [set(), *kept.rejected[1:-10], *[{"law"}] * 10]
    refused = replace(kept, rejected=rejected)
    before, after = (
        training.train(SUBJECTS, one).suggester.probabilities([(title, abstract)])[0, law]
        for one in (kept, refused)
    )
    assert after < before


def test_a_landmark_among_the_papers_is_no_evidence_for_itself():
    works = (("A language model and court", ""), ("Another work", "On courts."))
    subjects = replace(
        SUBJECTS,
        items=tuple(replace(subject, works=works) for subject in SUBJECTS.items),
    )
    left = subjects.without_works(["A Language Model and Courts"])
    assert {subject.works for subject in left.items} == {works[1:]}


def test_labels_that_the_vocabulary_does_not_know_are_left_out():
    found = examples()
    odd = replace(found, labels=[one | {"unheard-of"} for one in found.labels])
    assert training.train(SUBJECTS, odd).suggester.linear.slugs == [
        "slow-answers",
        "made-up-facts",
        "law",
    ]
