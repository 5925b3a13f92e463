"""Papers and concepts as lines of a list, the same on every page."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from taxonomy.models import Decision, Paper, Tag
from taxonomy.models.composed import fetch
from taxonomy.vocabulary import Term, Vocabulary

FIRST_AUTHORS = 3
EDITION = re.compile(r"edition (?P<number>\d+)")  # as load_taxonomy signs
OF_LINE = [
    field.attname
    for field in Paper._meta.concrete_fields
    if field.name not in {"search", "abstract", "abstract_plain"}
]
SIMILAR = f"""
SELECT {", ".join(OF_LINE)}, ARRAY(
    SELECT concept_id FROM taxonomy_tag WHERE paper_id = paper.id AND direct
)
FROM (
    SELECT near.paper_id, count(*) AS shared FROM unnest(%s::bigint[]) AS wanted (concept)
    CROSS JOIN LATERAL (
        SELECT paper_id FROM taxonomy_tag
        WHERE concept_id = wanted.concept AND paper_id <> %s
        ORDER BY published_at DESC, paper_id DESC LIMIT %s
    ) near
    GROUP BY near.paper_id ORDER BY shared DESC, near.paper_id DESC LIMIT %s
) best JOIN taxonomy_paper paper ON paper.id = best.paper_id
ORDER BY best.shared DESC, best.paper_id DESC
"""
PER_CONCEPT = 40  # newest papers of each concept that similar ones are sought among


@dataclass(frozen=True)
class PaperLine:
    """A paper and the concepts it was directly tagged with, challenges first."""

    paper: Paper
    terms: tuple[Term, ...]

    @property
    def first_authors(self) -> str:
        return ", ".join(self.paper.authors[:FIRST_AUTHORS])

    @property
    def more_authors(self) -> int:
        return max(len(self.paper.authors) - FIRST_AUTHORS, 0)


@dataclass(frozen=True)
class Counted:
    """A concept beside its number of papers."""

    term: Term
    papers: int


def counted(listed: Iterable[Term], totals: dict[int, int]) -> list[Counted]:
    """Those that are not deprecated, with their numbers from `counts.totals()`."""
    return [Counted(term, totals.get(term.id, 0)) for term in listed if not term.deprecated]


def paper_lines(papers: Iterable[Paper], vocabulary: Vocabulary) -> list[PaperLine]:
    """One query for the tags of all of them."""
    papers = list(papers)
    terms: dict[int, list[Term]] = defaultdict(list)
    rows = Tag.objects.filter(paper__in=[paper.pk for paper in papers], direct=True)
    for paper_id, concept_id in rows.values_list("paper_id", "concept_id"):
        terms[paper_id].append(vocabulary.by_id[concept_id])
    return [PaperLine(paper, tuple(in_order(terms[paper.pk]))) for paper in papers]


def who_decided(decision: Decision, *, names: bool = False) -> str:
    """The curator, or the import or model; an edition in the reader's language.

    Reads decision.actor. With `names`, which only curators see, also of those who hide theirs.
    """
    if decision.actor:
        return decision.actor.username if names else decision.actor.public_name
    if edition := EDITION.fullmatch(decision.actor_name):
        return _("edition %(number)s") % {"number": edition["number"]}
    return decision.actor_name


def in_order(terms: Iterable[Term]) -> list[Term]:
    """Challenges before domains, then as the vocabulary has them."""
    return sorted(terms, key=lambda term: (term.kind, term.notation or "~", term.position))


def similar_papers(
    paper: Paper, concept_ids: list[int], terms: Vocabulary, most: int
) -> list[PaperLine]:
    """Papers that share most concepts, among the newest of each. One query at most."""
    if not concept_ids:
        return []
    found = []
    for *row, tagged in fetch(SIMILAR, concept_ids, paper.pk, PER_CONCEPT, most):
        one = Paper.from_db(None, OF_LINE, row)
        found.append(PaperLine(one, tuple(in_order(terms.by_id[id_] for id_ in tagged))))
    return found
