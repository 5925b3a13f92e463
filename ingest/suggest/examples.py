"""Where labelled papers come from: a file, or the decisions of curators."""

import gzip
import io
import json
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from taxonomy.models import Decision, Landmark, Paper
from taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class Examples:
    """Labelled papers: what each is about, and what a curator said it is not about."""

    papers: list[tuple[str, str]]  # title, abstract
    labels: list[set[str]]
    rejected: list[set[str]]
    keys: list[str] = field(default_factory=list)  # arXiv ids, where the papers are rows here

    def __len__(self) -> int:
        return len(self.papers)

    def part(self, chosen: Iterable[int]) -> "Examples":
        """Of some of the papers."""
        rows = list(chosen)
        return Examples(
            [self.papers[row] for row in rows],
            [self.labels[row] for row in rows],
            [self.rejected[row] for row in rows],
            [self.keys[row] for row in rows] if self.keys else [],
        )


class LabelsInvalid(Exception):
    """A line of a labels file is not what it should be; says which and why."""


def read_file(path: Path) -> Examples:
    """JSON lines with title, abstract and labels, gzipped or not. Raises LabelsInvalid."""
    papers, labels = [], []
    try:
        for number, line in _lines(path):
            found = _paper(path, number, line)
            papers.append((found["title"], found["abstract"]))
            labels.append(set(found["labels"]))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise LabelsInvalid(f"{path}: {error}") from error
    return Examples(papers, labels, [set() for _ in papers])


def from_decisions(terms: Vocabulary) -> Examples:
    """Papers on which someone decided, and the landmarks. Three queries.

    A rejection says nothing about a text that came after it.
    """
    accepted: dict[int, set[str]] = defaultdict(set)
    rejected: dict[int, set[str]] = defaultdict(set)
    refused: set[tuple[int, int]] = set()  # on whatever text
    standing = Decision.objects.standing().values_list(
        "paper_id", "concept_id", "verdict", "text_revision", "paper__text_revision"
    )
    for paper_id, concept_id, verdict, read, present in standing.iterator(chunk_size=5000):
        slug = terms.by_id[concept_id].slug
        if verdict == Decision.Verdict.ACCEPT:
            accepted[paper_id].add(slug)
        elif verdict == Decision.Verdict.REJECT:
            refused.add((paper_id, concept_id))
            if read >= present:
                rejected[paper_id].add(slug)
    for paper_id, concept_id in Landmark.objects.values_list("paper_id", "concept_id"):
        slug = terms.by_id[concept_id].slug
        if (paper_id, concept_id) not in refused:
            accepted[paper_id].add(slug)
    ids = sorted(accepted.keys() | {id_ for id_, slugs in rejected.items() if slugs})
    texts = {
        id_: (key, (title, abstract))
        for id_, key, title, abstract in Paper.objects.filter(pk__in=ids).values_list(
            "pk", "arxiv_id", "title_plain", "abstract_plain"
        )
    }
    return Examples(
        [texts[id_][1] for id_ in ids],
        [accepted[id_] for id_ in ids],
        [rejected[id_] for id_ in ids],
        [texts[id_][0] for id_ in ids],
    )


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    with path.open("rb") as plain:
        raw = gzip.GzipFile(fileobj=plain) if path.suffix == ".gz" else plain
        file = io.TextIOWrapper(cast(BinaryIO, raw), encoding="utf-8")
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield number, line


def _paper(path: Path, number: int, line: str) -> dict[str, Any]:
    where = f"{path.name}:{number}"
    try:
        found = json.loads(line)
    except ValueError as error:
        raise LabelsInvalid(f"{where}: not JSON ({error}).") from error
    if not isinstance(found, dict):
        raise LabelsInvalid(f"{where}: expected an object.")
    for key in ("title", "abstract"):
        if not isinstance(found.get(key), str):
            raise LabelsInvalid(f"{where}: {key} must be text.")
    labels = found.get("labels")
    if not isinstance(labels, list) or not all(isinstance(slug, str) for slug in labels):
        raise LabelsInvalid(f"{where}: labels must be a list of slugs.")
    return found
