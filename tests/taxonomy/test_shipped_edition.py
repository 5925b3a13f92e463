"""The edition that Kadai ships: whole, in both languages, and safe to load again."""

import re
from collections import Counter

import pytest

from taxonomy import editing, vocabulary
from taxonomy.interchange import edition_yaml
from taxonomy.interchange.records import require_whole
from taxonomy.models import Concept, Decision, Language, Paper

CHALLENGES = {
    "unfathomable-datasets": "near-duplicates benchmark-data-contamination "
    "personally-identifiable-information pretraining-domain-mixtures finetuning-task-mixtures",
    "tokenizer-reliance": "tokenization-overhead tokenizer-language-dependence "
    "handling-novel-words fixed-vocabulary-size tokenization-information-loss "
    "tokenizer-interpretability byte-and-character-level-input",
    "high-pretraining-costs": "power-law-returns compute-optimal-recipes "
    "pretraining-objectives parallelism-strategies training-stability",
    "fine-tuning-overhead": "full-copy-memory adapters prefix-and-prompt-tuning "
    "low-rank-adaptation quantized-fine-tuning zeroth-order-tuning",
    "high-inference-latency": "efficient-attention quantization pruning mixture-of-experts "
    "cascades decoding-strategies serving-software",
    "limited-context-length": "long-input-attention positional-embeddings "
    "transformer-alternatives",
    "prompt-brittleness": "in-context-learning instruction-following chain-of-thought "
    "multi-turn-prompting prompt-sensitivity automatic-prompt-optimization",
    "hallucinations": "intrinsic-hallucination extrinsic-hallucination "
    "measuring-hallucination retrieval-against-hallucination decoding-against-hallucination",
    "misaligned-behavior": "pretraining-with-human-feedback instruction-fine-tuning "
    "preference-learning self-improvement auditing-and-red-teaming bias toxicity "
    "prompt-injection-and-jailbreaks agency-and-emergent-behavior",
    "outdated-knowledge": "model-editing retrieval-augmented-language-modeling "
    "continual-updating",
    "brittle-evaluations": "prompt-and-setup-dependence benchmark-variance "
    "test-set-contamination metric-choice",
    "static-human-ground-truth": "stale-benchmarks models-beyond-ground-truth "
    "dynamic-benchmarks model-judged-evaluation",
    "indistinguishable-generated-text": "post-hoc-detectors watermarking paraphrase-attacks "
    "provenance",
    "tasks-not-solvable-by-scale": "inverse-scaling compositional-tasks limits-of-memorization",
    "lacking-experimental-designs": "uncontrolled-comparisons design-dimensionality reporting",
    "lack-of-reproducibility": "nondeterministic-training nonrepeatable-generations "
    "cost-of-repetition release-of-artifacts",
}
DOMAINS = {
    "chatbots": "open-domain-dialogue task-oriented-dialogue assistants",
    "computational-biology": "protein-design genomic-analysis",
    "computer-programming": "code-generation code-infilling-and-editing repository-level-work",
    "creative-work": "long-form-writing short-form-writing visual-creation",
    "knowledge-work": "professional-services finance science-assistance data-analysis",
    "law": "legal-question-answering judgment-prediction-and-drafting",
    "medicine": "medical-question-answering clinical-information-extraction",
    "reasoning": "mathematical-reasoning algorithmic-reasoning causal-reasoning "
    "commonsense-reasoning",
    "robotics": "high-level-planning language-conditioned-control embodied-multimodal-models",
    "social-sciences-psychology": "modeling-human-behavior behavioral-traits-of-models "
    "simulating-social-relations",
    "synthetic-data": "label-generation data-augmentation instruction-data-generation "
    "distillation",
}
JAPANESE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
KANA = re.compile(r"[\u3040-\u30ff]")


@pytest.fixture(scope="module")
def shipped():
    return edition_yaml.read(edition_yaml.SHIPPED)


def works_by_concept(document):
    """How many works stand for a concept, those of its narrower ones included."""
    broader = {concept.slug: concept.broader for concept in document.concepts}
    works = Counter()
    for work in document.works:
        works.update({*work.concepts, *(broader[slug] for slug in work.concepts)} - {None})
    return works


def texts_by_language(document):
    """("ja", where, text) for each label and text that the edition carries."""
    for concept in document.concepts:
        for at, labels in concept.labels.items():
            for label in labels:
                yield at.split()[1], f"{concept.slug} {at}", label
        for at, text in concept.texts.items():
            yield at.split()[1], f"{concept.slug} {at}", text
    for collection in document.collections:
        for texts in (collection.labels, collection.notes):
            yield from ((language, collection.slug, text) for language, text in texts.items())
    for link in document.links:
        where = f"{link.challenge} in {link.domain}"
        yield from ((language, where, text) for language, text in link.constraint.items())
    for texts in (document.edition.titles, document.edition.descriptions):
        yield from ((language, "edition", text) for language, text in texts.items())


def test_it_reads_and_is_whole(shipped):
    require_whole(shipped)
    assert shipped.edition.number == 1


@pytest.mark.parametrize(("kind", "tops"), [("challenge", CHALLENGES), ("domain", DOMAINS)])
def test_it_holds_the_concepts_that_others_rely_on(shipped, kind, tops):
    found = [concept for concept in shipped.concepts if concept.kind == kind]
    assert [concept.slug for concept in found if concept.broader is None] == list(tops)
    assert {(concept.broader, concept.slug) for concept in found if concept.broader} == {
        (top, slug) for top, narrower in tops.items() for slug in narrower.split()
    }


def test_each_challenge_stands_in_a_group(shipped):
    members = {slug for collection in shipped.collections for slug in collection.members}
    assert [collection.slug for collection in shipped.collections] == [
        "design", "behaviour", "science",
    ]  # fmt: skip
    assert members == set(CHALLENGES)


def test_each_domain_names_what_holds_it_back(shipped):
    assert {link.domain for link in shipped.links} == set(DOMAINS)


def test_each_top_concept_tells_why_it_is_hard_and_what_is_tried(shipped):
    missing = [
        f"{concept.slug} {key} {language}"
        for concept in shipped.concepts
        if concept.broader is None
        for key in ("why_hard", "what_is_tried")
        for language in Language.values
        if f"{key} {language}" not in concept.texts
    ]
    assert missing == []


def test_no_english_text_has_japanese_characters(shipped):
    assert [
        where
        for language, where, text in texts_by_language(shipped)
        if language == "en" and JAPANESE.search(text)
    ] == []


def test_every_japanese_text_has_kana_and_every_japanese_label_is_not_latin_alone(shipped):
    texts = {f"{concept.slug} {at}" for concept in shipped.concepts for at in concept.texts}
    pref = {f"{concept.slug} pref ja" for concept in shipped.concepts}
    wanted = [(texts, KANA), (pref, JAPANESE)]
    assert [
        where
        for language, where, text in texts_by_language(shipped)
        for among, pattern in wanted
        if language == "ja" and where in among and not pattern.search(text)
    ] == []


def test_the_bibliography_is_large_and_includes_the_survey(shipped):
    assert len(shipped.works) >= 250
    (survey,) = (work for work in shipped.works if work.arxiv_id == "2307.10169")
    assert (survey.first_author, survey.year) == ("Jean Kaddour", 2023)


def test_each_work_has_one_to_four_concepts_and_none_beside_its_own_broader_one(shipped):
    broader = {concept.slug: concept.broader for concept in shipped.concepts}
    assert [
        work.arxiv_id
        for work in shipped.works
        if not 1 <= len(set(work.concepts)) == len(work.concepts) <= 4
        or {broader[slug] for slug in work.concepts} & set(work.concepts)
    ] == []


def test_each_top_concept_has_five_works_and_each_narrower_one_a_work(shipped):
    works = works_by_concept(shipped)
    assert [
        concept.slug
        for concept in shipped.concepts
        if works[concept.slug] < (5 if concept.broader is None else 1)
    ] == []


@pytest.mark.django_db
def test_loading_it_twice_changes_nothing(shipped):
    editing.load_document(shipped, actor="test")
    number = vocabulary.current().number
    made = [model.objects.count() for model in (Concept, Paper, Decision)]
    assert made[:2] == [len(shipped.concepts), len(shipped.works)]
    assert editing.load_document(shipped, actor="test") == []
    assert vocabulary.current().number == number
    assert [model.objects.count() for model in (Concept, Paper, Decision)] == made
