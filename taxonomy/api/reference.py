"""The description of the API as people read it: calls by place, and the objects they give."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator

ROOT = "/api/v1/"
REF = "#/components/schemas/"
METHODS = ("get", "post", "put", "patch", "delete")

Json = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A parameter or a field: its type, the object it links to, what is said about it."""

    name: str
    type: str
    refers_to: str
    text: str
    where: str = ""
    required: bool = False


@dataclass(frozen=True)
class Call:
    id: str
    method: str
    path: str
    text: str
    whom: str  # it is for: everybody, accounts, curators
    parameters: list[Row]
    body: str  # name of an object
    gives: str
    forms: list[str]


@dataclass(frozen=True)
class Place:
    """Calls that begin with the same word."""

    name: str
    calls: list[Call]


@dataclass(frozen=True)
class Described:
    """An object of a body or an answer."""

    name: str
    text: str
    fields: list[Row]


@dataclass(frozen=True)
class Reference:
    places: list[Place]
    objects: list[Described]


@cache
def reference() -> Reference:
    """Built once a process, in English: neither the code nor the reader changes it."""
    with override("en"):
        schema: Json = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    places: dict[str, list[Call]] = {}
    for path, operations in schema["paths"].items():
        name = path.removeprefix(ROOT).partition("/")[0]
        for method in METHODS:
            if operation := operations.get(method):
                places.setdefault(name, []).append(_call(path, method, operation))
    return Reference(
        places=[Place(name, calls) for name, calls in places.items()],
        objects=list(_objects(schema["components"]["schemas"])),
    )


def _call(path: str, method: str, operation: Json) -> Call:
    answers = operation["responses"]
    good = [answer for code, answer in answers.items() if code.startswith("2")]
    content: Json = next((answer["content"] for answer in good if "content" in answer), {})
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return Call(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        text=operation.get("description", ""),
        whom=operation["x-for"],
        parameters=[_parameter(one) for one in operation.get("parameters", [])],
        body=_type(body.get("schema", {}))[1],
        gives=_type(content.get("application/json", {}).get("schema", {}))[1],
        forms=[form for form in content if form != "application/json"],
    )


def _parameter(one: Json) -> Row:
    kind, refers_to = _type(one["schema"])
    text = one.get("description", "")
    if choices := one["schema"].get("enum"):
        # The generator lists choices below the text once more.
        text = f"{text.partition('* `')[0].strip()} {' · '.join(map(str, choices))}".strip()
    return Row(one["name"], kind, refers_to, text, one["in"], one.get("required", False))


def _objects(schemas: Json) -> Iterator[Described]:
    """What has fields; pages of a list are told once, in words."""
    for name, schema in schemas.items():
        if "properties" in schema and not name.startswith("Paginated"):
            needed = schema.get("required", [])
            fields = [
                Row(
                    field,
                    *_type(value),
                    text=value.get("description", "").partition("* `")[0].strip(),
                    required=field in needed,
                )
                for field, value in schema["properties"].items()
            ]
            yield Described(name, schema.get("description", ""), fields)


def _type(schema: Json) -> tuple[str, str]:
    """In words, and the object that is named in it, if one is."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        if name.startswith("Paginated"):
            name = name.removeprefix("Paginated").removesuffix("List")
            return "page", name
        return ("choice", "") if name.endswith("Enum") else ("object", name)
    for word in ("allOf", "oneOf", "anyOf"):
        if schema.get(word):
            return _type(schema[word][0])
    kind = schema.get("type", "any")
    if kind == "array":
        return "list", _type(schema["items"])[1]
    kind = " | ".join(kind) if isinstance(kind, list) else str(kind)
    form = schema.get("format")
    return (f"{kind} ({form})" if form else kind), ""
