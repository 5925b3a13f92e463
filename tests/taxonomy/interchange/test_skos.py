"""The vocabulary as SKOS keeps SKOS's own rules."""

from datetime import date

from taxonomy import vocabulary
from taxonomy.interchange import files, skos, turtle
from taxonomy.models import Collection, Concept, ConceptRelation, Edition, Link
from tests.factories import ConceptFactory, DomainFactory, PaperFactory

SITE = skos.Site("http://testserver/")


def small_vocabulary():
    broad, other = ConceptFactory(slug="latency"), ConceptFactory(slug="memory")
    narrow = ConceptFactory(slug="pruning", broader=broad)
    narrow.labels.create(kind="alt", language="en", text="Weight removal")
    ConceptRelation.objects.create(low=broad, high=other)
    domain = DomainFactory(slug="chatbots")
    group = Collection.objects.create(slug="design", position=1)
    group.labels.create(language="en", text="Design")
    group.members.add(broad)
    link = Link.objects.create(challenge=broad, domain=domain)
    link.texts.create(language="en", text="Users wait.")
    link.evidence.create(paper=PaperFactory(arxiv_id="2501.00001"))
    Edition.objects.create(number=1, released_on=date(2026, 1, 1))
    Concept.objects.filter(pk=other.pk).update(deprecated=True, replaced_by=broad)
    vocabulary.touch()


def stated(kinds=tuple(skos.SCHEMES)):
    nodes = files.vocabulary_nodes(vocabulary.current(), SITE, kinds)
    return {node.subject.value.removeprefix(SITE.root): node.stated for node in nodes}


def test_schemes_concepts_groups_and_constraints_are_stated(db):
    small_vocabulary()
    found = stated()
    scheme = found["challenges/"]
    assert scheme["skos:hasTopConcept"] == [skos.Iri("http://testserver/challenges/latency/")]
    assert scheme["owl:versionInfo"] == [skos.Literal("1")]
    pruning = found["challenges/pruning/"]
    assert pruning["skos:broader"] == [skos.Iri("http://testserver/challenges/latency/")]
    assert pruning["skos:altLabel"] == [skos.Literal("Weight removal", "en")]
    assert "skos:topConceptOf" not in pruning
    assert found["challenges/#design"]["rdf:type"] == [skos.Name("skos:Collection")]
    constraint = found["challenges/latency/#chatbots"]
    assert constraint["dct:description"] == [skos.Literal("Users wait.", "en")]
    assert constraint["dct:source"] == [skos.Iri("https://arxiv.org/abs/2501.00001")]


def test_a_retired_concept_is_marked_and_points_on(db):
    small_vocabulary()
    memory = stated()["challenges/memory/"]
    assert memory["owl:deprecated"] == [skos.Literal("true", datatype="xsd:boolean")]
    assert memory["dct:isReplacedBy"] == [skos.Iri("http://testserver/challenges/latency/")]


def test_broader_and_narrower_are_stated_from_both_sides_and_related_too(db):
    small_vocabulary()
    found = stated()
    for subject, node in found.items():
        for predicate, inverse in (
            ("skos:broader", "skos:narrower"),
            ("skos:narrower", "skos:broader"),
            ("skos:related", "skos:related"),
        ):
            for value in node.get(predicate, ()):
                back = found[value.value.removeprefix(SITE.root)]
                assert skos.Iri(SITE.root + subject) in back[inverse]


def test_one_preferred_label_a_language_and_labels_disjoint(db):
    small_vocabulary()
    for node in stated().values():
        preferred = list(node.get("skos:prefLabel", ()))
        assert len({value.language for value in preferred}) == len(preferred)
        assert not set(preferred) & set(node.get("skos:altLabel", ()))


def test_one_scheme_alone_has_nothing_of_the_other(db):
    small_vocabulary()
    found = stated(kinds=("domain",))
    assert [name for name in found if name.startswith("challenges/")] == []
    assert "domains/chatbots/" in found


def test_every_prefix_that_is_used_is_declared(db):
    small_vocabulary()
    text = "".join(files.export("skos-ttl", SITE))
    declared = set(SITE.prefixes())
    for node in files.vocabulary_nodes(vocabulary.current(), SITE):
        assert {predicate.partition(":")[0] for predicate in node.stated} <= declared
        assert turtle.block(node) in text
