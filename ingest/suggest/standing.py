"""How the suggester stands: its figures as drawn and told on its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import log10
from typing import Any

from django.db.models import Avg, Count, Q
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from ingest.suggest.drawing import Chart, chart
from taxonomy.models import Decision
from taxonomy.vocabulary import Term, Vocabulary

WEEKS = 12
SIDE = 220  # of the calibration plot, in units of its view box
LEAST_RADIUS, MOST_RADIUS = 2.0, 9.0

# Shown in this order; beside them the vocabulary alone on the same papers.
HEADLINES = ("ndcg@5", "precision@1", "recall@5", "micro", "macro", "calibration")


@dataclass(frozen=True)
class Headline:
    """One figure of the model and of the vocabulary alone; None: was not measured."""

    name: str
    value: float | None
    alone: float | None


@dataclass(frozen=True)
class Dot:
    """A stretch of probabilities in the plot: said to the right, came true upwards."""

    x: float
    y: float
    radius: float
    said: float
    came_true: float
    pairs: int


@dataclass(frozen=True)
class Row:
    """A concept's figures on papers that the learned words had not seen."""

    term: Term
    papers: int
    precision: float
    recall: float
    f1: float
    calibration_error: float
    threshold: float
    unseen: Mapping[str, int] | None  # papers, low, high, decided; None: not estimated


@dataclass(frozen=True)
class Week:
    """What people made of suggestions in a week."""

    begins: Any
    accepted: int
    rejected: int
    unasked: int  # accepted although nothing was suggested
    said: float | None  # mean probability of the decided suggestions

    @property
    def agreement(self) -> int | None:
        """Percent of the decided suggestions that were accepted; None: there were none."""
        decided = self.accepted + self.rejected
        return round(100 * self.accepted / decided) if decided else None

    @property
    def said_percent(self) -> int | None:
        """What the probabilities had promised; far from the agreement, they have drifted."""
        return None if self.said is None else round(100 * self.said)


def headlines(evaluation: Mapping[str, Any]) -> list[Headline]:
    alone = evaluation.get("vocabulary_alone", {})
    return [
        Headline(name, _figure(evaluation, name), _figure(alone, name)) for name in HEADLINES
    ]


def dots(bins: Sequence[Mapping[str, float]]) -> list[Dot]:
    """Bigger where more pairs of paper and concept lie, by the logarithm."""
    most = max((one["pairs"] for one in bins), default=1)
    scale = (MOST_RADIUS - LEAST_RADIUS) / max(log10(most), 1.0)
    return [
        Dot(
            x=round(one["said"] * SIDE, 1),
            y=round((1 - one["came_true"]) * SIDE, 1),
            radius=round(LEAST_RADIUS + scale * log10(max(one["pairs"], 1)), 1),
            said=one["said"],
            came_true=one["came_true"],
            pairs=int(one["pairs"]),
        )
        for one in bins
    ]


def rows(
    evaluation: Mapping[str, Any],
    terms: Vocabulary,
    thresholds: Mapping[str, float],
    unseen: Mapping[str, Mapping[str, int]],
) -> list[Row]:
    """Concepts that are still in the vocabulary, in its order."""
    labels = evaluation.get("labels", {})
    return [
        Row(
            term=term,
            papers=found["papers"],
            precision=found["precision"],
            recall=found["recall"],
            f1=found["f1"],
            calibration_error=found["calibration_error"],
            threshold=thresholds[term.slug],
            unseen=unseen.get(term.slug),
        )
        for term in (*terms.challenges, *terms.domains)
        if (found := labels.get(term.slug)) and term.slug in thresholds
    ]


def weeks() -> list[Week]:
    """The last twelve, newest first, those without decisions left out. One query."""
    since = timezone.now() - timedelta(weeks=WEEKS)
    verdict = Decision.Verdict
    found = (
        Decision.objects.effective()
        .filter(actor_kind=Decision.ActorKind.PERSON, created_at__gte=since)
        .annotate(week=TruncWeek("created_at"))
        .values("week")
        .annotate(
            accepted=Count("pk", filter=Q(verdict=verdict.ACCEPT) & ~Q(suggester="")),
            rejected=Count("pk", filter=Q(verdict=verdict.REJECT) & ~Q(suggester="")),
            unasked=Count("pk", filter=Q(verdict=verdict.ACCEPT, suggester="")),
            said=Avg(
                "score",
                filter=Q(verdict__in=[verdict.ACCEPT, verdict.REJECT]) & ~Q(suggester=""),
            ),
        )
        .order_by("-week")
    )
    return [
        Week(one["week"], one["accepted"], one["rejected"], one["unasked"], one["said"])
        for one in found
    ]


def drift(found: Sequence[Week]) -> Chart | None:
    """What the probabilities promised and what people accepted, oldest week first."""
    weeks = [week for week in reversed(found) if week.agreement is not None]
    return chart(
        [date_format(week.begins, "SHORT_DATE_FORMAT") for week in weeks],
        [
            (_("promised"), [week.said for week in weeks]),
            (_("accepted"), [(week.agreement or 0) / 100 for week in weeks]),
        ],
    )


def learning_curve(points: Sequence[Mapping[str, float]]) -> Chart | None:
    """How good it is with more and more labelled papers."""
    return chart(
        [number_format(point["labelled"], force_grouping=True) for point in points],
        [
            (_("nDCG of the first five"), [point["ndcg@5"] for point in points]),
            (_("F1 over all pairs"), [point["micro_f1"] for point in points]),
        ],
    )


def _figure(evaluation: Mapping[str, Any], name: str) -> float | None:
    if name == "calibration":
        value = evaluation.get("expected_calibration_error")
    elif name in ("micro", "macro"):
        value = evaluation.get(name, {}).get("f1")
    else:
        value = evaluation.get(name)
    return None if value is None else float(value)
