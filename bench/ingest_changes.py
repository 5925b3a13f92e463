"""Does everything that changed at arXiv arrive, and nothing else move?

    python -m bench.ingest_changes --replay PROGRAM --corpus FILE [--papers 2000]

A fresh `manage.py up` takes in the newest papers over OAI-PMH, its worker suggests, and a
curator accepts a suggestion on hundreds of them. Then 500 papers get a second version, half
of them with another title and abstract, and 20 are deleted. After one more harvest each of
them must stand as it does at arXiv, only the changed texts may have new suggestions, and
every decision and tag must be there as before.
"""

import json
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import requests

from bench import replay
from bench.running import Running, eventually

RESULTS = Path(__file__).parent / "results" / "ingest-changes.json"
VERSIONS, DELETED, DECIDED = 500, 20, 300
STEADY = 5  # looks in a row, five seconds apart, that show the same
DELAY = 0.2  # seconds between two requests
ADDED = " Revised with two more ablations."

WAITING = "SELECT count(*) FROM taxonomy_screening WHERE state = 'identified'"
SUGGESTIONS = """
SELECT arxiv_id, array_agg(concept_id::text || ' ' || score::text ORDER BY concept_id),
    min(screening.suggested_at)
FROM taxonomy_paper AS paper
JOIN taxonomy_screening AS screening ON screening.paper_id = paper.id
LEFT JOIN taxonomy_suggestion AS suggestion ON suggestion.paper_id = paper.id
WHERE fetched_at IS NOT NULL
GROUP BY arxiv_id
"""
STANDS = "SELECT arxiv_id, version, title, withdrawn, removed_at FROM taxonomy_paper"
FIRST = """
SELECT DISTINCT ON (arxiv_id) arxiv_id, slug
FROM taxonomy_suggestion JOIN taxonomy_paper AS paper ON paper.id = paper_id
JOIN taxonomy_concept AS concept ON concept.id = concept_id
ORDER BY arxiv_id, score DESC
"""
TRAIL = """
SELECT id, paper_id, concept_id, verdict, reverts_id FROM taxonomy_decision ORDER BY id
"""
QUEUED = """
SELECT count(*) FROM taxonomy_screening JOIN taxonomy_paper AS paper ON paper.id = paper_id
WHERE state = 'waiting' AND arxiv_id = ANY(%s)
"""
TAGS = "SELECT paper_id, concept_id FROM taxonomy_tag ORDER BY 1, 2"
ACCOUNT = """
SELECT state, received, new, updated, unchanged, skipped, refused
FROM ingest_harvest ORDER BY id DESC LIMIT 1
"""


class Changes:
    """What becomes other at arXiv: chosen so that decided papers are among each kind."""

    def __init__(self, records: list[dict[str, Any]]) -> None:
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        half = VERSIONS // 2
        self.reworded = [
            {
                **record,
                "title": "A second look: " + record["title"],
                "abstract": record["abstract"] + ADDED,
            }
            for record in records[:half]
        ]
        self.renumbered = [
            {**record, "comment": "12 pages"} for record in records[half:VERSIONS]
        ]
        for record in (*self.reworded, *self.renumbered):
            record |= {"version": (record.get("version") or 1) + 1, "updated": now}
        self.deleted = [record["arxiv_id"] for record in records[VERSIONS : VERSIONS + DELETED]]

    def reach(self, arxiv: replay.Replay) -> None:
        lines = "".join(
            json.dumps(record) + "\n" for record in (*self.reworded, *self.renumbered)
        )
        arxiv.control("corpus", lines)
        arxiv.control("delete", json.dumps(self.deleted))


def harvest(kadai: Running) -> None:
    """One run on the command line; then the worker suggests for what waits."""
    if kadai.manage("harvest_oai").wait() != 0:
        raise RuntimeError("the harvest did not end well")
    eventually(lambda: kadai.ask(WAITING)[0][0] == 0, 300)


def decide(kadai: Running, wanted: set[str]) -> None:
    """Accept the first suggestion of so many papers, over REST."""
    token = kadai.say("create_token", "changes", "--scope", "curate").strip()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    chosen = [(key, slug) for key, slug in kadai.ask(FIRST) if key in wanted]
    for key, slug in chosen[:DECIDED]:
        answer = session.post(
            f"http://127.0.0.1:{kadai.port}/api/v1/papers/{key}/decisions/",
            json={"concept": slug, "verdict": "accept"},
            timeout=10,
        )
        answer.raise_for_status()


def settled(kadai: Running) -> dict[str, tuple[Any, ...]]:
    """What is suggested, once the decisions have had their effect on what waits."""
    found = [suggestions(kadai)]
    while len(found) < STEADY or found[-1] != found[-STEADY]:
        time.sleep(5)
        found.append(suggestions(kadai))
    return found[-1]


def suggestions(kadai: Running) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(rest) for key, *rest in kadai.ask(SUGGESTIONS)}


def compare(
    kadai: Running, changes: Changes, before: dict[str, tuple[Any, ...]]
) -> dict[str, Any]:
    """How what stands differs from what should: each number but the counts must be 0."""
    stands = {key: rest for key, *rest in kadai.ask(STANDS)}
    after = suggestions(kadai)
    reworded = {record["arxiv_id"] for record in changes.reworded}
    wrong = [
        record["arxiv_id"]
        for record in (*changes.reworded, *changes.renumbered)
        if stands[record["arxiv_id"]][:2]
        != [record["version"], " ".join(record["title"].split())]
    ]
    shown = [key for key in changes.deleted if key not in stands or not stands[key][3]]
    renewed = {key for key in before if before[key] != after.get(key)}
    return {
        "second_versions": len(changes.reworded) + len(changes.renumbered),
        "not_as_at_arxiv": len(wrong),
        "deleted": len(changes.deleted),
        "deleted_and_not_shown_so": len(shown),
        "texts_changed": len(reworded),
        "changed_texts_without_new_suggestions": len(reworded - renewed),
        # What is deleted leaves the queue, and its suggestions with it.
        "suggested_anew_without_need": len(renewed - reworded - set(changes.deleted)),
        "deleted_and_still_in_the_queue": kadai.ask(QUEUED, changes.deleted)[0][0],
    }


def main() -> None:
    parser = replay.parser(__doc__)
    parser.add_argument("--papers", type=int, default=2_000)
    options = replay.parse(parser)
    with tempfile.TemporaryDirectory(prefix="kadai-changes-") as folder:
        served = Path(folder) / "corpus.jsonl"
        corpus = replay.Corpus(options.corpus).excerpt(options.papers, served)
        with (
            replay.Replay(options.replay, served) as arxiv,
            (Path(folder) / "log").open("w+") as log,
        ):
            kadai = Running(Path(folder) / "home", log, arxiv.environment(DELAY))
            try:
                kadai.wait_until_ready()
                result = measure(kadai, arxiv, Changes(corpus.records))
            finally:
                kadai.stop()
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


def measure(kadai: Running, arxiv: replay.Replay, changes: Changes) -> dict[str, Any]:
    harvest(kadai)
    every = [*changes.reworded, *changes.renumbered]
    decide(kadai, {record["arxiv_id"] for record in every} | set(changes.deleted))
    before = settled(kadai)
    trail, tags = kadai.ask(TRAIL), kadai.ask(TAGS)
    changes.reach(arxiv)
    harvest(kadai)
    state, received, *account = kadai.ask(ACCOUNT)[0]
    return {
        "papers": len(before),
        "decisions": len(trail),
        **compare(kadai, changes, before),
        "decisions_lost": len(set(trail) - set(kadai.ask(TRAIL))),
        "tags_lost": len(set(tags) - set(kadai.ask(TAGS))),
        "run": state,
        "received": received,
        "account_adds_up": received == sum(account),
    }


if __name__ == "__main__":
    main()
