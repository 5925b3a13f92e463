"""Loading an edition: all or nothing, twice is once, people's edits survive."""

import contextlib
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import curation, editing, vocabulary
from taxonomy.errors import DataInvalid
from taxonomy.interchange import edition_yaml
from taxonomy.interchange.records import Document
from taxonomy.models import (
    Concept,
    ConceptChange,
    ConceptRelation,
    Decision,
    Landmark,
    Link,
    Paper,
    Tag,
)


def concept(slug, **extra):
    title = slug.replace("-", " ")
    return {
        "slug": slug,
        "pref_label": {"en": title, "ja": f"{title} 課題"},
        "definition": {"en": f"What {title} is.", "ja": f"{title}とは。"},
        **extra,
    }


def edition():
    return {
        "edition": {
            "number": 1,
            "title": {"en": "First", "ja": "初版"},
            "description": {"en": "The first.", "ja": "最初の版。"},
            "released": "2026-11-24",
            "licence": "CC-BY-4.0",
        },
        "challenges": [
            concept(
                "slow-answers", narrower=[concept("big-caches")], related=["made-up-facts"]
            ),
            concept("made-up-facts"),
        ],
        "domains": [concept("gardening")],
        "collections": [
            {
                "slug": "design",
                "position": 1,
                "label": {"en": "Design", "ja": "設計"},
                "note": {"en": "before", "ja": "事前"},
                "members": ["slow-answers"],
            }
        ],
        "links": [
            {
                "challenge": "slow-answers",
                "domain": "gardening",
                "constraint": {"en": "Plants wait for no one.", "ja": "植物は待たない。"},
                "evidence": ["2001.00001"],
            }
        ],
        "works": [
            {
                "arxiv_id": "2001.00001",
                "title": "Watering on time",
                "first_author": "Ada Example",
                "year": 2020,
                "concepts": ["big-caches", "gardening"],
            }
        ],
    }


def write(path, content):
    text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    path.write_text(text.replace("'2026-11-24'", "2026-11-24"))
    return path


def load(tmp_path, content):
    document = edition_yaml.read(write(tmp_path / "edition.yaml", content))
    return editing.load_document(document, actor="test")


@pytest.mark.django_db
def test_a_load_brings_everything(tmp_path):
    load(tmp_path, edition())
    terms = vocabulary.current()
    slow = terms.by_slug["slow-answers"]
    assert [t.slug for t in terms.challenges] == ["slow-answers", "made-up-facts"]
    assert [t.slug for t in terms.narrower(slow)] == ["big-caches"]
    assert [t.slug for t in terms.related(slow)] == ["made-up-facts"]
    assert terms.by_slug["big-caches"].hue == "design"
    assert terms.links_of(slow)[0].sentence == "Plants wait for no one."
    paper = Paper.objects.get()
    assert (paper.arxiv_id, paper.fetched_at) == ("2001.00001", None)
    assert set(Tag.objects.values_list("concept__slug", "direct")) == {
        ("big-caches", True),
        ("slow-answers", False),
        ("gardening", True),
    }


@pytest.mark.django_db
def test_loading_twice_changes_nothing(tmp_path):
    load(tmp_path, edition())
    number = vocabulary.current().number
    assert load(tmp_path, edition()) == []
    assert vocabulary.current().number == number
    assert (Decision.objects.count(), ConceptChange.objects.count()) == (2, 4)


@pytest.mark.django_db
def test_a_changed_record_is_shown_with_what_changed(tmp_path):
    load(tmp_path, edition())
    changed = edition()
    changed["challenges"][1]["pref_label"]["en"] = "confabulation"
    (applied,) = load(tmp_path, changed)
    assert str(applied) == "changed concept made-up-facts (labels)"
    assert Concept.objects.get(slug="made-up-facts").revision == 2


@pytest.mark.django_db
def test_an_editors_change_survives_loading_the_same_file(tmp_path):
    load(tmp_path, edition())
    Concept.objects.get(slug="gardening").labels.filter(kind="pref", language="en").update(
        text="horticulture"
    )
    vocabulary.touch()
    load(tmp_path, edition())
    assert vocabulary.current().by_slug["gardening"].pref_label("en") == "horticulture"


@pytest.mark.django_db
def test_two_concepts_may_swap_their_names(tmp_path):
    load(tmp_path, edition())
    changed = edition()
    first, second = changed["challenges"]
    first["pref_label"], second["pref_label"] = second["pref_label"], first["pref_label"]
    load(tmp_path, changed)
    assert vocabulary.current().by_slug["made-up-facts"].pref_label("en") == "slow answers"


@pytest.mark.django_db
def test_a_relation_that_no_side_names_any_more_goes(tmp_path):
    load(tmp_path, edition())
    changed = edition()
    del changed["challenges"][0]["related"]
    load(tmp_path, changed)
    assert not ConceptRelation.objects.exists()


@pytest.mark.django_db
def test_an_import_does_not_override_a_curator(tmp_path, curator):
    load(tmp_path, edition())
    paper, gardening = Paper.objects.get(), Concept.objects.get(slug="gardening")
    curation.decide(
        paper=paper,
        concept=gardening,
        verdict="reject",
        actor=curation.Actor.person(curator),
    )
    changed = edition()
    changed["works"][0]["first_author"] = "Bo Sample"
    load(tmp_path, changed)
    assert not Tag.objects.filter(concept=gardening).exists()
    assert Landmark.objects.count() == 2


BROKEN = {
    "slug 'Not Kebab' must be": lambda e: e["domains"][0].update(slug="Not Kebab"),
    "stands more than once": lambda e: e["domains"].append(concept("gardening")),
    "pref_label.ja is missing": lambda e: e["domains"][0]["pref_label"].pop("ja"),
    "definition.en is missing": lambda e: e["domains"][0]["definition"].pop("en"),
    "related 'nothing' does not exist": lambda e: e["domains"][0].update(related=["nothing"]),
    "both broader and related": lambda e: e["challenges"][0]["narrower"][0].update(
        related=["slow-answers"]
    ),
    "is also called": lambda e: e["challenges"][1]["pref_label"].update(en="SLOW answers"),
    "stands twice among the en labels": lambda e: e["domains"][0].update(
        alt_label={"en": ["Gardening"]}
    ),
    "unknown key 'definitoin'": lambda e: e["domains"][0].update(definitoin="typo"),
    "member 'gardening' is no challenge": lambda e: e["collections"][0].update(
        members=["gardening"]
    ),
    "'gardening' is no challenge": lambda e: e["links"][0].update(challenge="gardening"),
    "constraint.ja is missing": lambda e: e["links"][0]["constraint"].pop("ja"),
    "evidence 1999.00001 is not": lambda e: e["links"][0].update(evidence=["1999.00001"]),
    "arxiv_id '20.1' is not": lambda e: e["works"][0].update(arxiv_id="20.1"),
    "year 1999 is not the id's": lambda e: e["works"][0].update(year=1999),
    "concept 'nothing' does not exist": lambda e: e["works"][0].update(concepts=["nothing"]),
    "concepts is empty": lambda e: e["works"][0].update(concepts=[]),
    "must be a whole number": lambda e: e["works"][0].update(year="soon"),
    "released must be a date": lambda e: e["edition"].update(released="soon"),
    "must be a list of entries": lambda e: e.update(works="none"),
    "unknown key 'chalenges'": lambda e: e.update(chalenges=[]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("reason", BROKEN)
def test_a_broken_file_is_refused_whole_with_line_and_reason(tmp_path, reason):
    content = edition()
    BROKEN[reason](content)
    with pytest.raises(DataInvalid, match=reason) as caught:
        load(tmp_path, content)
    assert caught.value.args[0].startswith("edition.yaml:")
    assert not Concept.objects.exists()
    assert not Link.objects.exists()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a: &x [1]\nb: *x\n", r"edition.yaml:2: aliases are not allowed"),
        ("works: []\nworks: []\n", r"edition.yaml:1: a key stands twice"),
        ("works: [\n", r"edition.yaml:2: "),
        ("- 1\n", r"edition.yaml:1: expected keys"),
        ("works: !!python/object/apply:os.getpid []\n", r"edition.yaml:1: "),
    ],
)
def test_unreadable_yaml_names_the_line(tmp_path, text, reason):
    path = tmp_path / "edition.yaml"
    path.write_text(text)
    with pytest.raises(DataInvalid, match=reason):
        edition_yaml.read(path)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    path = Path("/dev/shm/kadai-edition.yaml")
    path.write_text(text, encoding="utf-8", errors="ignore")
    with contextlib.suppress(DataInvalid):
        assert isinstance(edition_yaml.read(path), Document)


@pytest.mark.django_db
def test_the_command_says_what_it_did_and_refuses_with_the_reason(tmp_path, capsys):
    path = write(tmp_path / "edition.yaml", edition())
    call_command("load_taxonomy", path)
    assert "4 concepts added" in capsys.readouterr().out
    call_command("load_taxonomy", path)
    assert "nothing to change" in capsys.readouterr().out
    path.write_text("works: 1")
    with pytest.raises(CommandError, match="Nothing was loaded"):
        call_command("load_taxonomy", path)
