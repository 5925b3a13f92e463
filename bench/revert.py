"""A rogue account accepts 10,000 suggestions; how long one revert takes, and what it restores.

    python -m bench.revert [--papers 20000] [--decisions 10000]

Each suggestion is accepted by itself, as on the desk. The checksums are of the tags, of the
counters, of where each paper stands, and of every feed, before the rogue began and after the
revert. The chain of seals is made and checked afterwards.
"""

import argparse
import hashlib
import json
import random
import time
from pathlib import Path
from typing import Any

from bench import home

RESULTS = Path(__file__).parent / "results" / "revert.json"
STATE = {
    "tags": "SELECT paper_id, concept_id, direct, decision_id, published_at "
    "FROM taxonomy_tag ORDER BY paper_id, concept_id",
    "concept counters": "SELECT concept_id, month, papers FROM taxonomy_conceptmonth "
    "WHERE papers > 0 ORDER BY concept_id, month",
    "cell counters": "SELECT challenge_id, domain_id, month, papers FROM taxonomy_cellmonth "
    "WHERE papers > 0 ORDER BY challenge_id, domain_id, month",
    "queue": "SELECT paper_id, state, screened_at, screened_by_id FROM taxonomy_screening "
    "ORDER BY paper_id",
}


def checksums() -> dict[str, str]:
    from django.db import connection  # noqa: PLC0415  (set up by bench.home)
    from django.test import Client  # noqa: PLC0415

    from taxonomy import vocabulary  # noqa: PLC0415

    found = {}
    for name, question in STATE.items():
        digest = hashlib.sha256()
        with connection.cursor() as cursor:
            cursor.execute(question)
            for row in cursor:
                digest.update(repr(row).encode())
        found[name] = digest.hexdigest()
    client = Client(headers={"accept-language": "en"})
    digest = hashlib.sha256(client.get("/feeds/papers/").content)
    for term in vocabulary.current():
        if not term.deprecated:
            digest.update(client.get(f"/feeds/{term.kind}s/{term.slug}/").content)
    found["feeds"] = digest.hexdigest()
    return found


def suggest(count: int) -> list[Any]:
    """At least that many open suggestions, on papers that wait; some on the same paper."""
    from taxonomy.models import Concept, Paper, Screening, Suggestion  # noqa: PLC0415

    chance = random.Random(count)
    Suggestion.objects.all().delete()
    concepts = list(Concept.objects.filter(deprecated=False))
    papers = list(Paper.objects.filter(fetched_at__isnull=False).order_by("pk").only("pk"))
    rows = [
        Suggestion(
            paper=paper,
            concept=concept,
            suggester="benchmark-1",
            score=chance.uniform(0.5, 1),
            paper_version=1,
        )
        for paper in papers
        for concept in chance.sample(concepts, 2)
    ]
    Suggestion.objects.bulk_create(rows, batch_size=2_000)
    found = list(Suggestion.objects.open().select_related("paper", "concept")[:count])
    waiting = {one.paper_id for one in found}
    Screening.objects.filter(paper__in=waiting).update(state=Screening.State.WAITING)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--decisions", type=int, default=10_000)
    options = parser.parse_args()
    home.start()
    home.fill(options.papers)
    from taxonomy import batches, curation, people, sealing  # noqa: PLC0415
    from taxonomy.trail import TrailFilter  # noqa: PLC0415

    suggestions = suggest(options.decisions)
    rogue, editor = people.open_account("rogue"), people.open_account("editor")
    before = checksums()
    began = time.perf_counter()
    for one in suggestions:
        curation.decide(
            paper=one.paper,
            concept=one.concept,
            verdict="accept",
            actor=curation.Actor.person(rogue),
        )
    accepting = time.perf_counter() - began
    changed = checksums()
    began = time.perf_counter()
    batch = batches.begin_revert(
        wanted=TrailFilter(person="rogue"), user=editor, key=f"benchmark {time.time()}"
    )
    batch = batches.go_on(batch, seconds=600)
    reverting = time.perf_counter() - began
    after = checksums()
    began = time.perf_counter()
    sealed = sealing.seal()
    sealing_took = time.perf_counter() - began
    began = time.perf_counter()
    faults = list(sealing.check())
    checking = time.perf_counter() - began
    result = {
        "papers": options.papers,
        "accepted": len(suggestions),
        "accepted_a_second": round(len(suggestions) / accepting, 1),
        "taken_back": batch.made,
        "revert_seconds": round(reverting, 2),
        "changed_by_the_rogue": sorted(
            name for name in before if before[name] != changed[name]
        ),
        "restored": {name: before[name] == after[name] for name in before},
        "sealed": sealed,
        "sealing_seconds": round(sealing_took, 2),
        "checking_seconds": round(checking, 2),
        "faults": len(faults),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, value in result.items():
        print(f"{name:>22}  {value}")
    home.stop()
    assert before == after, "the revert did not restore everything"


if __name__ == "__main__":
    main()
