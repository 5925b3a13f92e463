"""The vocabulary as SKOS: two concept schemes, concepts, collections, constraints.

This file says what is stated; `turtle` and `jsonld` say how it is written. What SKOS has
no word for has one of ours, below its nearest SKOS property.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from taxonomy.models import Edition
from taxonomy.vocabulary import Group, Term, TermLink, Vocabulary

PREFIXES = {
    "dct": "http://purl.org/dc/terms/",
    "owl": "http://www.w3.org/2002/07/owl#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
OURS = "kadai"
LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}

SCHEMES = {  # kind: (path, title by language)
    "challenge": (
        "challenges/",
        {"en": "Challenges of large language models", "ja": "大規模言語モデルの課題"},
    ),
    "domain": (
        "domains/",
        {
            "en": "Application domains of large language models",
            "ja": "大規模言語モデルの応用領域",
        },
    ),
}
LABELS = {"pref": "skos:prefLabel", "alt": "skos:altLabel", "hidden": "skos:hiddenLabel",
          "short": "kadai:shortLabel"}  # fmt: skip
TEXTS = {"definition": "skos:definition", "scope_note": "skos:scopeNote",
         "why_hard": "kadai:whyHard", "what_is_tried": "kadai:whatIsTried"}  # fmt: skip
# Our properties: what they are kinds of, and their names.
PROPERTIES = {
    "shortLabel": ("skos:note", "short label", "短いラベル"),
    "whyHard": ("skos:note", "why it is hard", "なぜ難しいか"),
    "whatIsTried": ("skos:note", "what is tried", "試みられていること"),
    "constrains": ("skos:related", "constrains", "制約する"),
}


@dataclass(frozen=True)
class Iri:
    """An address, whole."""

    value: str


@dataclass(frozen=True)
class Name:
    """A prefixed name, such as skos:Concept."""

    value: str


@dataclass(frozen=True)
class Literal:
    """Text, in a language or of a datatype (a prefixed name)."""

    text: str
    language: str = ""
    datatype: str = ""


Value = Iri | Name | Literal


@dataclass
class Node:
    """A subject and what is stated about it, in order."""

    subject: Iri | Name
    stated: dict[str, list[Value]] = field(default_factory=dict)

    def say(self, predicate: str, *values: Value) -> None:
        if values:
            self.stated.setdefault(predicate, []).extend(values)


@dataclass(frozen=True)
class Site:
    """Where the concepts have their addresses: the root of the site, with its last slash."""

    root: str

    def term(self, term: Term) -> Iri:
        return Iri(f"{self.root}{SCHEMES[term.kind][0]}{term.slug}/")

    def scheme(self, kind: str) -> Iri:
        return Iri(self.root + SCHEMES[kind][0])

    def group(self, group: Group) -> Iri:
        return Iri(f"{self.root}challenges/#{group.slug}")

    def prefixes(self) -> dict[str, str]:
        return {**PREFIXES, OURS: f"{self.root}ns#"}


def nodes(
    vocabulary: Vocabulary,
    site: Site,
    *,
    edition: Edition | None = None,
    kinds: Iterable[str] = tuple(SCHEMES),
    evidence: dict[int, str] | None = None,
) -> Iterator[Node]:
    """Everything about these kinds. `evidence` maps ids of papers to their addresses."""
    kinds = tuple(kinds)
    yield from _properties()
    for kind in kinds:
        yield _scheme(vocabulary, site, kind, edition)
    for term in vocabulary:
        if term.kind in kinds:
            yield concept(term, vocabulary, site)
    if "challenge" in kinds:
        for group in vocabulary.groups:
            yield _collection(group, site)
    for link in vocabulary.links:
        if {link.challenge.kind, link.domain.kind} <= set(kinds):
            yield _constraint(link, site, evidence or {})


def concept(term: Term, vocabulary: Vocabulary, site: Site) -> Node:
    node = Node(site.term(term))
    node.say("rdf:type", Name("skos:Concept"))
    node.say("skos:inScheme", site.scheme(term.kind))
    if term.is_top:
        node.say("skos:topConceptOf", site.scheme(term.kind))
    if term.notation:
        node.say("skos:notation", Literal(term.notation))
    for (kind, language), texts in sorted(term.labels.items()):
        node.say(LABELS[kind], *(Literal(text, language) for text in texts))
    for (kind, language), text in sorted(term.texts.items()):
        node.say(TEXTS[kind], Literal(text, language))
    if broader := vocabulary.broader(term):
        node.say("skos:broader", site.term(broader))
    node.say("skos:narrower", *map(site.term, vocabulary.narrower(term)))
    node.say("skos:related", *map(site.term, vocabulary.related(term)))
    for link in vocabulary.links_of(term):
        if link.challenge.id == term.id:
            node.say("kadai:constrains", site.term(link.domain))
    if term.source:
        node.say("dct:source", Iri(f"https://arxiv.org/abs/{term.source}"))
    node.say("dct:modified", moment(term.modified_at.isoformat()))
    if term.deprecated:
        node.say("owl:deprecated", Literal("true", datatype="xsd:boolean"))
    if term.replaced_by_id:
        node.say("dct:isReplacedBy", site.term(vocabulary.by_id[term.replaced_by_id]))
    return node


def moment(text: str) -> Literal:
    return Literal(text, datatype="xsd:dateTime")


def _properties() -> Iterator[Node]:
    for name, (above, en, ja) in PROPERTIES.items():
        node = Node(Name(f"{OURS}:{name}"))
        node.say("rdf:type", Name("rdf:Property"))
        node.say("rdfs:subPropertyOf", Name(above))
        node.say("rdfs:label", Literal(en, "en"), Literal(ja, "ja"))
        yield node


def _scheme(vocabulary: Vocabulary, site: Site, kind: str, edition: Edition | None) -> Node:
    node = Node(site.scheme(kind))
    node.say("rdf:type", Name("skos:ConceptScheme"))
    titles = SCHEMES[kind][1]
    node.say("dct:title", *(Literal(text, language) for language, text in titles.items()))
    if edition:
        texts = sorted(edition.descriptions.items())
        node.say("dct:description", *(Literal(text, language) for language, text in texts))
        node.say("owl:versionInfo", Literal(str(edition.number)))
        day = Literal(edition.released_on.isoformat(), datatype="xsd:date")
        node.say("dct:issued", day)
        licence = LICENCES.get(edition.licence)
        node.say("dct:license", Iri(licence) if licence else Literal(edition.licence))
    node.say("skos:hasTopConcept", *map(site.term, vocabulary.top(kind)))
    return node


def _collection(group: Group, site: Site) -> Node:
    node = Node(site.group(group))
    node.say("rdf:type", Name("skos:Collection"))
    labels = sorted(group.labels.items())
    node.say("skos:prefLabel", *(Literal(text, language) for language, text in labels))
    notes = sorted(group.notes.items())
    node.say("skos:note", *(Literal(text, language) for language, text in notes if text))
    node.say("skos:member", *map(site.term, group.members))
    return node


def _constraint(link: TermLink, site: Site, evidence: dict[int, str]) -> Node:
    """The statement that a challenge constrains a domain, with its reason."""
    at = f"{site.term(link.challenge).value}#{link.domain.slug}"
    node = Node(Iri(at))
    node.say("rdf:type", Name("rdf:Statement"))
    node.say("rdf:subject", site.term(link.challenge))
    node.say("rdf:predicate", Name("kadai:constrains"))
    node.say("rdf:object", site.term(link.domain))
    sentences = sorted(link.sentences.items())
    node.say("dct:description", *(Literal(text, language) for language, text in sentences))
    node.say("dct:source", *(Iri(evidence[id_]) for id_ in link.evidence if id_ in evidence))
    return node
