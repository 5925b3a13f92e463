"""The shipped edition's format: YAML, English and Japanese side by side.

A folder with `edition.yaml`, `collections.yaml`, `links.yaml`, `challenges/*.yaml`,
`domains/*.yaml` and `bibliography/*.yaml`; or one file with the keys `edition`,
`challenges`, `domains`, `collections`, `links`, `works`. taxonomy/data/README.md shows it.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from taxonomy.errors import DataInvalid
from taxonomy.interchange.records import (
    CollectionRecord,
    ConceptRecord,
    Document,
    EditionRecord,
    LinkRecord,
    WorkRecord,
)

SHIPPED = Path(__file__).resolve().parent.parent / "data"
MAX_BYTES = 20_000_000
LINE = "\0line"  # where a mapping began; no YAML key can be this

LABEL_KEYS = {
    "pref_label": "pref",
    "short_label": "short",
    "alt_label": "alt",
    "hidden_label": "hidden",
}
TEXT_KEYS = ("definition", "why_hard", "what_is_tried", "scope_note")
CONCEPT_KEYS = {
    "slug", "notation", "source", "related", "narrower", "deprecated", "replaced_by",
    *LABEL_KEYS, *TEXT_KEYS,
}  # fmt: skip


class _Loader(yaml.SafeLoader):
    """SafeLoader that remembers lines, refuses aliases (bombs) and repeated keys."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]  # PyYAML's stubs
            raise yaml.MarkedYAMLError(
                problem="aliases are not allowed", problem_mark=event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        found = super().construct_mapping(node, deep=True)
        if len(found) != len(node.value):
            raise yaml.MarkedYAMLError(
                problem="a key stands twice", problem_mark=node.start_mark
            )
        found[LINE] = node.start_mark.line + 1
        return found


def read(path: Path) -> Document:
    """Read a file or a folder. Raises DataInvalid with file, line and reason."""
    document = Document()
    if not path.is_dir():
        found = _load(path)
        for key in found.keys() - {LINE}:
            if key not in {"edition", "challenges", "domains", "collections", "links", "works"}:
                raise DataInvalid(f"{path.name}:{found[LINE]}: unknown key {key!r}.")
        _add(document, path.name, found)
        return document
    for folder in ("challenges", "domains"):
        for number, (name, found) in enumerate(_by_notation(path / folder)):
            document.concepts += _concepts(name, found, folder[:-1], number)
    for name in ("edition", "collections", "links"):
        if (path / f"{name}.yaml").exists():
            found = _load(path / f"{name}.yaml")
            _add(document, f"{name}.yaml", {"edition": found} if name == "edition" else found)
    for file in sorted((path / "bibliography").glob("*.yaml")):
        _add(document, f"bibliography/{file.name}", _load(file))
    return document


def _by_notation(folder: Path) -> list[tuple[str, dict[str, Any]]]:
    found = [(f"{folder.name}/{file.name}", _load(file)) for file in folder.glob("*.yaml")]
    return sorted(found, key=lambda item: (str(item[1].get("notation", "")), item[0]))


def _load(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise DataInvalid(f"{path.name}: larger than {MAX_BYTES // 1_000_000} MB.")
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except OSError as error:
        raise DataInvalid(f"{path}: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise DataInvalid(f"{path.name}: not UTF-8 ({error.reason}).") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise DataInvalid(f"{path.name}:{line}: {error.problem}.") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DataInvalid(f"{path.name}: not readable as YAML ({error}).") from error
    if not isinstance(found, dict):
        raise DataInvalid(f"{path.name}:1: expected keys and values.")
    return found


def _add(document: Document, name: str, found: dict[str, Any]) -> None:
    for key, kind in (("challenges", "challenge"), ("domains", "domain")):
        for number, item in enumerate(_items(name, found, key)):
            document.concepts += _concepts(name, item, kind, number)
    if "edition" in found:
        document.edition = _edition(name, _mapping(name, found, "edition"))
    for item in _items(name, found, "collections"):
        document.collections.append(_collection(name, item))
    for item in _items(name, found, "links"):
        document.links.append(_link(name, item))
    for item in _items(name, found, "works"):
        document.works.append(_work(name, item))


def _concepts(
    name: str, item: dict[str, Any], kind: str, position: int, broader: str | None = None
) -> Iterator[ConceptRecord]:
    where = f"{name}:{item[LINE]}"
    for key in item.keys() - CONCEPT_KEYS - {LINE}:
        raise DataInvalid(f"{where}: unknown key {key!r}.")
    slug = _string(name, item, "slug")
    labels: dict[str, tuple[str, ...]] = {}
    for key, label_kind in LABEL_KEYS.items():
        for language, value in _by_language(name, item, key):
            values = value if isinstance(value, list) else [value]
            labels[f"{label_kind} {language}"] = tuple(_text(where, key, one) for one in values)
    texts = {
        f"{key} {language}": _text(where, key, value)
        for key in TEXT_KEYS
        for language, value in _by_language(name, item, key)
    }
    yield ConceptRecord(
        where=where,
        slug=slug,
        kind=kind,
        position=position,
        broader=broader,
        notation=_string(name, item, "notation", ""),
        source=_string(name, item, "source", ""),
        deprecated=bool(item.get("deprecated", False)),
        replaced_by=_string(name, item, "replaced_by", "") or None,
        labels=labels,
        texts=texts,
        related=_strings(name, item, "related"),
    )
    for number, narrower in enumerate(_items(name, item, "narrower")):
        yield from _concepts(name, narrower, kind, number, broader=slug)


def _edition(name: str, item: dict[str, Any]) -> EditionRecord:
    released = item.get("released")
    if not isinstance(released, date):
        raise DataInvalid(f"{name}:{item[LINE]}: released must be a date, like 2026-11-24.")
    return EditionRecord(
        where=f"{name}:{item[LINE]}",
        number=_whole(name, item, "number"),
        released=released,
        titles=_languages(name, item, "title"),
        descriptions=_languages(name, item, "description"),
        licence=_string(name, item, "licence"),
    )


def _collection(name: str, item: dict[str, Any]) -> CollectionRecord:
    return CollectionRecord(
        where=f"{name}:{item[LINE]}",
        slug=_string(name, item, "slug"),
        position=_whole(name, item, "position"),
        labels=_languages(name, item, "label"),
        notes=_languages(name, item, "note"),
        members=_strings(name, item, "members"),
    )


def _link(name: str, item: dict[str, Any]) -> LinkRecord:
    return LinkRecord(
        where=f"{name}:{item[LINE]}",
        challenge=_string(name, item, "challenge"),
        domain=_string(name, item, "domain"),
        constraint=_languages(name, item, "constraint"),
        evidence=_strings(name, item, "evidence"),
    )


def _work(name: str, item: dict[str, Any]) -> WorkRecord:
    return WorkRecord(
        where=f"{name}:{item[LINE]}",
        arxiv_id=_string(name, item, "arxiv_id"),
        title=_string(name, item, "title"),
        first_author=_string(name, item, "first_author"),
        year=_whole(name, item, "year"),
        concepts=_strings(name, item, "concepts"),
    )


def _items(name: str, item: dict[str, Any], key: str) -> list[dict[str, Any]]:
    found = item.get(key) or []
    if not isinstance(found, list) or not all(isinstance(part, dict) for part in found):
        raise DataInvalid(f"{name}:{item[LINE]}: {key} must be a list of entries.")
    return found


def _mapping(name: str, item: dict[str, Any], key: str) -> dict[str, Any]:
    found = item.get(key)
    if not isinstance(found, dict):
        raise DataInvalid(f"{name}:{item[LINE]}: {key} must have keys and values.")
    return found


def _by_language(name: str, item: dict[str, Any], key: str) -> Iterator[tuple[str, Any]]:
    if key not in item:
        return
    for language, value in _mapping(name, item, key).items():
        if language == LINE:
            continue
        if language not in ("en", "ja"):
            raise DataInvalid(f"{name}:{item[LINE]}: {key}.{language}: languages are en, ja.")
        yield language, value


def _languages(name: str, item: dict[str, Any], key: str) -> dict[str, str]:
    where = f"{name}:{item[LINE]}"
    return {
        language: _text(where, key, value) for language, value in _by_language(name, item, key)
    }


def _text(where: str, key: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\x00" in value:
        raise DataInvalid(f"{where}: {key} must be text, not {value!r}.")
    return value.strip()


def _string(name: str, item: dict[str, Any], key: str, default: str | None = None) -> str:
    if default is not None and item.get(key) is None:
        return default
    if key not in item:
        raise DataInvalid(f"{name}:{item[LINE]}: {key} is missing.")
    return _text(f"{name}:{item[LINE]}", key, item[key])


def _strings(name: str, item: dict[str, Any], key: str) -> tuple[str, ...]:
    found = item.get(key) or []
    if not isinstance(found, list):
        raise DataInvalid(f"{name}:{item[LINE]}: {key} must be a list.")
    return tuple(_text(f"{name}:{item[LINE]}", key, part) for part in found)


def _whole(name: str, item: dict[str, Any], key: str) -> int:
    value = item.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise DataInvalid(f"{name}:{item[LINE]}: {key} must be a whole number.")
    return value
