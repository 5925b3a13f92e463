"""The accepted papers that a suggestion says are most like its paper."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from taxonomy.models import Paper, Suggestion, Tag


@dataclass(frozen=True)
class Near:
    """An accepted paper, and how like the suggested one it is: 0 to 1."""

    paper: Paper
    likeness: float


def nearest_of(suggestions: Sequence[Suggestion]) -> Mapping[int, list[Near]]:
    """By the suggestion's key, most like first. One query, or none where none is named.

    A paper whose tag was taken back since is left out: it speaks for the concept no more.
    """
    named = {one.pk: one.evidence.get("nearest", []) for one in suggestions}
    concept_of = {one.pk: one.concept_id for one in suggestions}
    wanted = [
        Q(concept_id=concept_of[key], paper__in=[paper for paper, _ in near])
        for key, near in named.items()
        if near
    ]
    if not wanted:
        return {}
    either = wanted[0]
    for one in wanted[1:]:
        either |= one
    tags = Tag.objects.filter(either).select_related("paper")
    known = {
        (tag.concept_id, tag.paper_id): tag.paper
        for tag in tags.only("concept_id", "paper__arxiv_id", "paper__title_plain")
    }
    found: dict[int, list[Near]] = defaultdict(list)
    for key, near in named.items():
        for paper_id, likeness in near:
            if paper := known.get((concept_of[key], paper_id)):
                found[key].append(Near(paper, likeness))
    return found
