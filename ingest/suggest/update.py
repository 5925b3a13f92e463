"""Decisions reach the suggester in use within seconds: an update on top of its training.

An update is made anew from all decisions after the training, so that two processes that make
one at once, or one that was killed halfway, leave nothing behind that differs. It is a row in
the database: every process finds it there, and a new training leaves it behind.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

import numpy as np
import scipy.sparse as sp
from django.db import connection, transaction
from django.utils import timezone

from ingest.models import SuggesterModel, SuggesterUpdate
from ingest.suggest import correction
from ingest.suggest.combine import Suggester
from ingest.suggest.nearest import features_of
from ingest.suggest.reading import Reading
from taxonomy.models import Decision, Paper

MOST_DECISIONS = 2_000  # the newest; a training is due long before
KEPT = 20  # updates of each training on record
QUIET = timedelta(seconds=3)  # after a decision another one is often on its way
LONGEST = timedelta(seconds=20)  # that decisions wait while more and more come
_LOCK = 0x6B61_7570  # one update at a time, over all processes


@transaction.atomic
def make(trained: Suggester) -> SuggesterUpdate | None:
    """An update from the decisions after the training in use; None if there is nothing new.

    None as well while another process makes one, or while people are deciding just now.
    `trained` is the suggester in use, with or without its last update.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
    model = SuggesterModel.objects.in_use().first()
    last = SuggesterUpdate.objects.of(model).first()
    since = model.last_decision if model else 0
    known = last.last_decision if last else since
    is_other = trained.linear and trained.trained_name != (model.name if model else "")
    if is_other or not _is_due(known):  # other: a model was put to use just now
        return None
    newest = Decision.objects.order_by("-pk").values_list("pk", flat=True)[0]
    slug_of = {subject.id: subject.slug for subject in trained.subjects.items}
    verdicts = _verdicts(since, slug_of)
    number = (
        SuggesterUpdate.objects.order_by("-number").values_list("number", flat=True).first()
    )
    made = SuggesterUpdate.objects.create(
        number=(number or 0) + 1,
        base=model,
        last_decision=newest,
        decisions=sum(map(len, verdicts.values())),
        weights=_weights(trained.as_trained(), verdicts),
    )
    old = SuggesterUpdate.objects.of(model).values_list("pk", flat=True)[KEPT:]
    SuggesterUpdate.objects.filter(pk__in=list(old)).delete()
    return made


def apply(trained: Suggester, number: int | None) -> Suggester:
    """The suggester with this update, which its name tells; None: as it was trained.

    A paper that is gone since is left out. Two queries.
    """
    if number is None:
        return trained
    made = SuggesterUpdate.objects.get(number=number)
    ids = sorted({int(id_) for papers in made.weights.values() for id_ in papers})
    ids, rows = _rows(trained, ids)
    row_of = {id_: row for row, id_ in enumerate(ids)}
    weights = {
        slug: {row_of[int(id_)]: weight for id_, weight in papers.items() if int(id_) in row_of}
        for slug, papers in made.weights.items()
    }
    corrected = correction.assemble(features_of(trained), rows, weights)
    return trained.corrected(corrected, made.number)


def _is_due(known: int) -> bool:
    """There is something new, and a pause, or enough time has gone by."""
    new = Decision.objects.filter(pk__gt=known)
    first, latest = (
        new.order_by(order).values_list("created_at", flat=True).first()
        for order in ("pk", "-pk")
    )
    if first is None or latest is None:
        return False
    now = timezone.now()
    return now - latest >= QUIET or now - first >= LONGEST


def _verdicts(since: int, slug_of: dict[int, str]) -> dict[str, dict[int, bool]]:
    """Paper → accepted or not, by concept: what stands on the present texts, since then."""
    standing = Decision.objects.standing().filter(pk__gt=since)
    rows = Decision.objects.filter(
        pk__in=standing.values("pk"),
        verdict__in=[Decision.Verdict.ACCEPT, Decision.Verdict.REJECT],
    ).order_by("-pk")
    found: dict[str, dict[int, bool]] = defaultdict(dict)
    for paper, concept, verdict, read, present in rows.values_list(
        "paper_id", "concept_id", "verdict", "text_revision", "paper__text_revision"
    )[:MOST_DECISIONS]:
        if concept in slug_of and read >= present:
            found[slug_of[concept]][paper] = verdict == Decision.Verdict.ACCEPT
    return found


def _weights(
    trained: Suggester, verdicts: dict[str, dict[int, bool]]
) -> dict[str, dict[str, float]]:
    """Fitted concept by concept, papers in the order of their ids: the same everywhere."""
    ids = sorted({id_ for papers in verdicts.values() for id_ in papers})
    reading = _texts(ids)[1]
    features = features_of(trained)
    rows = features.transform(reading)
    said = trained.logits(trained.signals(reading))
    row_of = {id_: row for row, id_ in enumerate(ids)}
    weights = {}
    for slug in sorted(verdicts):
        papers = sorted(verdicts[slug])
        at = [row_of[id_] for id_ in papers]
        likeness = np.asarray((rows[at] @ rows[at].T).todense(), np.float64)
        fitted = correction.fit(
            likeness,
            said[at, trained.columns[slug]].astype(np.float64),
            np.array([verdicts[slug][id_] for id_ in papers]),
        )
        weights[slug] = {
            str(id_): round(float(weight), 6)
            for id_, weight in zip(papers, fitted, strict=True)
        }
    return weights


def _rows(trained: Suggester, ids: Sequence[int]) -> tuple[list[int], "sp.csr_matrix"]:
    found, reading = _texts(ids)
    return found, features_of(trained).transform(reading)


def _texts(ids: Sequence[int]) -> tuple[list[int], Reading]:
    """Those that are still here, in the order of their ids. One query."""
    papers = Paper.objects.filter(pk__in=ids).order_by("pk")
    rows = list(papers.values_list("pk", "title_plain", "abstract_plain"))
    return [row[0] for row in rows], Reading.of([row[1:] for row in rows])
