"""A rogue account accepts 10,000 suggestions; how long one revert takes, and what it restores.

    python -m bench.revert [--papers 20000] [--decisions 10000]

They are accepted in bulk, and all that the account did is taken back by another. They are of
the newest papers, where every feed shows them. The checksums are of the tags, of the counters,
of where each paper stands, and of every feed, before the rogue began and after the revert. The
chain of seals is made and checked afterwards.
"""

import argparse
import hashlib
import json
import os
import random
import time
from pathlib import Path
from typing import Any

from bench import home

SUGGESTER = "benchmark-1"
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
    digest = hashlib.sha256(_body(client, "/feeds/papers/"))
    for term in vocabulary.current():
        if not term.deprecated:
            digest.update(_body(client, f"/feeds/{term.kind}s/{term.slug}/"))
    found["feeds"] = digest.hexdigest()
    return found


def _body(client: Any, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200, f"{address}: {response.status_code}"
    return bytes(response.content)


def suggest(count: int) -> None:
    """So many open suggestions, about two on each of the newest papers; all of those wait."""
    from taxonomy.models import Concept, Paper, Screening, Suggestion  # noqa: PLC0415

    chance = random.Random(count)
    Suggestion.objects.all().delete()
    concepts = list(Concept.objects.filter(deprecated=False))
    papers = Paper.objects.filter(fetched_at__isnull=False).order_by("-published_at", "-pk")
    rows = [
        Suggestion(
            paper=paper,
            concept=concept,
            suggester=SUGGESTER,
            score=chance.uniform(0.5, 1),
            paper_version=1,
        )
        for paper in papers.only("pk")[:count]
        for concept in chance.sample(concepts, 2)
    ]
    Suggestion.objects.bulk_create(rows, batch_size=2_000)
    newest = Suggestion.objects.open().order_by("-paper__published_at", "pk")
    kept = dict(newest.values_list("pk", "paper")[:count])
    Suggestion.objects.exclude(pk__in=kept).delete()
    Screening.objects.filter(paper__in=kept.values()).update(
        state=Screening.State.WAITING, screened_at=None, screened_by=None
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--decisions", type=int, default=10_000)
    options = parser.parse_args()
    home.start()
    home.fill(options.papers)
    from django.db import connection  # noqa: PLC0415

    from taxonomy import batches, people, sealing  # noqa: PLC0415
    from taxonomy.selection import SuggestionFilter  # noqa: PLC0415
    from taxonomy.trail import TrailFilter  # noqa: PLC0415

    suggest(options.decisions)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    run = int(time.time())  # an account of its own each time
    rogue = people.open_account(f"rogue-{run}")
    editor = people.open_account(f"editor-{run}")
    before = checksums()
    began = time.perf_counter()
    accepted = batches.begin_decisions(
        wanted=SuggestionFilter(suggester=SUGGESTER), verdict="accept", user=rogue, key="accept"
    )
    accepted = batches.go_on(accepted, seconds=600)
    accepting = time.perf_counter() - began
    changed = checksums()
    load = os.getloadavg()[0]
    began = time.perf_counter()
    batch = batches.begin_revert(
        wanted=TrailFilter(person=rogue.username), user=editor, key="revert"
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
        "accepted": accepted.made,
        "accept_seconds": round(accepting, 2),
        "taken_back": batch.made,
        "revert_seconds": round(reverting, 2),
        "load_before_the_revert": round(load, 2),
        "changed_by_the_rogue": sorted(
            name for name in before if before[name] != changed[name]
        ),
        "restored": {name: before[name] == after[name] for name in before},
        "checksums": before,
        "sealed": sealed,
        "sealing_seconds": round(sealing_took, 2),
        "checking_seconds": round(checking, 2),
        "faults": len(faults),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    for name, value in result.items():
        print(f"{name:>22}  {value}")
    home.stop()
    assert all(before[name] != changed[name] for name in before), "something stayed as it was"
    assert before == after, "the revert did not restore everything"


if __name__ == "__main__":
    main()
