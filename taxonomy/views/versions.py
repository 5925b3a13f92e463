"""The texts a paper had, and what changed from one to another."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from taxonomy.differences import Kind, Run, abridged, differences, is_changed
from taxonomy.models import Decision, Paper, PaperVersion
from taxonomy.views.lines import who_decided

MOST_VERSIONS = 20  # the newest ones; nobody has asked for more
MOST_DECIDED = 3  # earlier texts that decisions on one paper rest on


@dataclass(frozen=True)
class Changed:
    """How a text differs from an earlier one; a part that stayed has no runs."""

    title: list[Run]
    abstract: list[Run]

    @property
    def words_gone(self) -> int:
        return self._words(Kind.GONE)

    @property
    def words_new(self) -> int:
        return self._words(Kind.NEW)

    def _words(self, kind: Kind) -> int:
        runs = (*self.title, *self.abstract)
        return sum(len(run.text.split()) for run in runs if run.kind is kind)


@dataclass(frozen=True)
class Since:
    """What changed since a text that people decided on."""

    version: int
    deciders: list[str]
    changed: Changed


@dataclass(frozen=True)
class Named:
    """The paper that the comment of a withdrawn one points to."""

    arxiv_id: str
    url: str
    is_merger: bool


@dataclass(frozen=True)
class Station:
    """One text in a paper's history, and what was new in it."""

    version: int
    submitted_at: datetime
    changed: Changed | None  # None for the oldest that is known here
    earlier: PaperVersion | None  # None for the present text


def named_by(paper: Paper) -> Named | None:
    """Where a paper that is gone points to: here if we have it, else at arXiv. One query."""
    other = paper.named_in_comment if paper.is_gone else ""
    if not other:
        return None
    here = Paper.objects.for_list().filter(arxiv_id=other).first()
    url = here.get_absolute_url() if here else Paper(arxiv_id=other).abs_url
    return Named(other, url, "merge" in paper.comment.casefold())


def since_decided(paper: Paper, standing: Iterable[Decision]) -> list[Since]:
    """From each earlier text that a standing decision read to the present one, newest first.

    One query if there is any. What imports decided is left out: they read titles alone.
    """
    deciders: dict[int, list[str]] = defaultdict(list)
    for decision in standing:
        if decision.actor and not decision.has_read(paper.text_revision):
            name = who_decided(decision, names=True)
            if name not in deciders[decision.text_revision]:
                deciders[decision.text_revision].append(name)
    if not deciders:
        return []
    texts = PaperVersion.objects.filter(paper=paper, text_revision__in=deciders)
    return [
        Since(text.version, deciders[text.text_revision], changed_between(text, paper))
        for text in texts.order_by("-text_revision")[:MOST_DECIDED]
    ]


def history(paper: Paper) -> list[Station]:
    """The texts of a paper, the present one first; empty if it never changed. One query."""
    if paper.text_revision == 1:
        return []
    texts = PaperVersion.objects.filter(paper=paper).order_by("-text_revision")
    earlier = list(texts[: MOST_VERSIONS + 1])
    if not earlier:
        return []
    stations = [
        Station(paper.version, paper.updated_at, changed_between(earlier[0], paper), None)
    ]
    for text, before in zip(earlier, [*earlier[1:], None], strict=True):
        changed = changed_between(before, text) if before else None
        stations.append(Station(text.version, text.submitted_at, changed, text))
    return stations[:MOST_VERSIONS]


def changed_between(before: PaperVersion, after: Paper | PaperVersion) -> Changed:
    return Changed(
        title=_changes(before.title_plain, after.title_plain),
        abstract=_changes(before.abstract_plain, after.abstract_plain),
    )


def _changes(before: str, after: str) -> list[Run]:
    runs = differences(before, after)
    return abridged(runs) if is_changed(runs) else []
