"""Turtle (RDF 1.1) of nodes; nothing is written that would need a parser's mercy."""

import re
from collections.abc import Iterable, Iterator

from taxonomy.interchange.skos import Iri, Literal, Name, Node, Value

ESCAPES = {
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f",
}  # fmt: skip
NOT_IN_AN_IRI = re.compile(r'[\x00-\x20<>"{}|^`\\]')


def document(nodes: Iterable[Node], prefixes: dict[str, str]) -> Iterator[str]:
    """Prefixes, then one block a node."""
    for prefix, address in prefixes.items():
        yield f"@prefix {prefix}: {iri(address)} .\n"
    for node in nodes:
        yield "\n" + block(node)


def block(node: Node) -> str:
    lines = [
        f"    {'a' if predicate == 'rdf:type' else predicate} "
        + " ,\n        ".join(map(term, values))
        for predicate, values in node.stated.items()
    ]
    return f"{term(node.subject)}\n" + " ;\n".join(lines) + " .\n"


def term(value: Value) -> str:
    match value:
        case Iri(address):
            return iri(address)
        case Name(name):
            return name
        case Literal(text, language, datatype):
            quoted = f'"{escape(text)}"'
            if language:
                return f"{quoted}@{language}"
            return f"{quoted}^^{datatype}" if datatype else quoted


def iri(address: str) -> str:
    safe = NOT_IN_AN_IRI.sub(lambda found: f"%{ord(found[0]):02X}", address)
    return f"<{safe}>"


def escape(text: str) -> str:
    """For a string in double quotes. Control characters are written by number."""
    return "".join(
        ESCAPES.get(c) or (f"\\u{ord(c):04X}" if ord(c) < 0x20 or ord(c) == 0x7F else c)
        for c in text
    )
