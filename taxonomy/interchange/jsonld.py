"""JSON-LD: the vocabulary as SKOS, papers as scholarly articles about its concepts."""

import json
from collections.abc import Iterable, Iterator

from taxonomy import citations
from taxonomy.interchange.papers import TaggedPaper
from taxonomy.interchange.skos import Iri, Literal, Name, Node, Site, Value

SCHEMA = "https://schema.org/"


def document(nodes: Iterable[Node], prefixes: dict[str, str]) -> Iterator[str]:
    """A context of prefixes and a graph, a node a line."""
    return _graph(prefixes, map(_node, nodes))


def papers(found: Iterable[TaggedPaper], site: Site) -> Iterator[str]:
    """schema.org articles; dct:subject holds the concepts."""
    prefixes = {"schema": SCHEMA, "dct": site.prefixes()["dct"]}
    return _graph(prefixes, (_article(one, site) for one in found))


def _graph(prefixes: dict[str, str], objects: Iterable[dict[str, object]]) -> Iterator[str]:
    yield f'{{"@context": {json.dumps(prefixes)},\n"@graph": ['
    separator = "\n"
    for one in objects:
        yield separator + json.dumps(one, ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _node(node: Node) -> dict[str, object]:
    found: dict[str, object] = {"@id": node.subject.value}
    for predicate, values in node.stated.items():
        if predicate == "rdf:type":
            found["@type"] = [value.value for value in values if isinstance(value, Name)]
        else:
            found[predicate] = [_value(value) for value in values]
    return found


def _value(value: Value) -> dict[str, str]:
    match value:
        case Iri(address) | Name(address):
            return {"@id": address}
        case Literal(text, language, datatype):
            if language:
                return {"@value": text, "@language": language}
            return {"@value": text, "@type": datatype} if datatype else {"@value": text}


def _article(one: TaggedPaper, site: Site) -> dict[str, object]:
    paper = one.paper
    authors = [{"@type": "schema:Person", "schema:name": name} for name in paper.authors]
    found: dict[str, object] = {
        "@id": paper.abs_url,
        "@type": "schema:ScholarlyArticle",
        "schema:identifier": f"arXiv:{paper.arxiv_id}",
        "schema:version": paper.version,
        "schema:name": {"@value": paper.title_plain, "@language": "en"},
        "schema:author": {"@list": authors},
        "schema:datePublished": paper.published_at.date().isoformat(),
        "schema:dateModified": paper.updated_at.date().isoformat(),
        "schema:keywords": paper.categories,
        "dct:subject": [{"@id": site.term(term).value} for term in one.direct],
    }
    if status := citations.status(paper):
        found["schema:creativeWorkStatus"] = status
    if paper.doi:
        found["schema:sameAs"] = {"@id": f"https://doi.org/{paper.doi}"}
    return found
