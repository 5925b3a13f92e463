"""Is a harvest complete when everything that can go wrong does?

    python -m bench.ingest_faults --replay PROGRAM --corpus FILE [--seeds 20] [--way search]

Each seed is a new database and a new replay in which every fault has a probability of 0.1
in every request. `manage.py` harvests by itself to its end; then the papers are compared
with the corpus, one by one: none missing, none twice, none that was not asked for, each
with its version and title. The run's account must name the same number.
"""

import json
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench import replay
from bench.databases import Databases

RESULTS = Path(__file__).parent / "results" / "ingest-faults.json"
CATEGORY, OAI_SET = "cs.CL", "cs:cs:CL"
DELAY = 0.05  # seconds between two requests; what is waited for after failures comes on top
LIMIT = 1_500  # seconds a seed may take

PAPERS = "SELECT arxiv_id, version, title FROM taxonomy_paper"
ACCOUNT = """
SELECT state, received, new, updated, unchanged, skipped, refused, asked, error
FROM ingest_harvest ORDER BY id
"""


class Bench:
    """One way in, over the newest papers of the corpus."""

    def __init__(self, options: Any, databases: Databases, way: str) -> None:
        self.options, self.databases, self.way = options, databases, way
        self.served: Path = options.corpus
        corpus = replay.Corpus(options.corpus)
        if way == "oai":  # a set comes whole
            self.served = databases.home / "corpus.jsonl"
            corpus = corpus.excerpt(options.records, self.served)
            self.wanted = corpus.of(CATEGORY)
            self.command = ["harvest_oai", "--set", OAI_SET]
        else:
            since, until, self.wanted = corpus.newest(CATEGORY, options.papers)
            window = ["--since", str(since), "--until", str(until)]
            self.command = ["pull", "--query", "cs-cl", *window]

    def seed(self, number: int) -> dict[str, Any]:
        """Harvest once, and compare."""
        name = self.databases.fresh(f"{self.way}_{number}")
        faults = replay.every_fault(self.options.probability)
        began = time.monotonic()
        with replay.Replay(self.options.replay, self.served, faults, number) as arxiv:
            done = self.databases.manage(
                name, *self.command, limit=LIMIT, **arxiv.environment(DELAY)
            )
            log = arxiv.log()
        seconds = time.monotonic() - began
        runs = [Account(row) for row in self.databases.ask(name, ACCOUNT)]
        rows = self.databases.ask(name, PAPERS)
        found = {
            "seed": number,
            "exit": done.returncode,
            "papers": len(rows),
            "wanted": len(self.wanted),
            **replay.difference(rows, self.wanted),
            "accounts_add_up": all(run.adds_up for run in runs)
            and sum(run.new for run in runs) == len(rows)
            and all(run.state == "done" for run in runs),
            "requests": len(log),
            "requests_counted": sum(run.asked for run in runs),
            "faults": dict(Counter(asked["fault"] for asked in log if asked["fault"])),
            "most_in_flight": max(asked["in_flight"] for asked in log),
            "seconds": round(seconds, 1),
            "seconds_from_first_to_last_request": round(log[-1]["t"] - log[0]["t"], 1),
            "said": "" if done.returncode == 0 else (done.stdout + done.stderr)[-600:],
        }
        found["whole"] = (
            found["exit"] == 0
            and found["accounts_add_up"]
            and not any(found[key] for key in ("missing", "doubled", "foreign", "wrong"))
        )
        print(_line(found), flush=True)
        return found


class Account:
    """A run's row."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self.state, self.received, self.new = row[:3]
        self.adds_up = self.received == sum(row[2:7])
        self.asked = row[7]


HEADER = (
    "seed  papers of wanted  missing doubled foreign wrong  account  "
    "requests  faulty  in flight  seconds"
)


def _line(found: dict[str, Any]) -> str:
    return (
        f"{found['seed']:>4}  {found['papers']:>6} of {found['wanted']:>6}  "
        f"{found['missing']:>7} {found['doubled']:>7} {found['foreign']:>7} "
        f"{found['wrong']:>5}  {'adds up' if found['accounts_add_up'] else 'WRONG':>7}  "
        f"{found['requests']:>8}  {sum(found['faults'].values()):>6}  "
        f"{found['most_in_flight']:>9}  {found['seconds']:>7.1f}"
        + (f"\n{found['said']}" if found["said"] else "")
    )


def main() -> None:
    parser = replay.parser(__doc__)
    parser.add_argument("--way", choices=["search", "oai"], action="append")
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--papers", type=int, default=2_000, help="search: a window of so many")
    parser.add_argument(
        "--records", type=int, default=8_000, help="OAI-PMH: papers served, of all sets"
    )
    parser.add_argument("--probability", type=float, default=0.1)
    parser.add_argument("--jobs", type=int, default=4, help="seeds at once: they mostly wait")
    options = replay.parse(parser)
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    with tempfile.TemporaryDirectory(prefix="kadai-faults-") as folder:
        databases = Databases(Path(folder))
        try:
            for way in options.way or ["search", "oai"]:
                bench = Bench(options, databases, way)
                print(f"── {way}: manage.py {' '.join(bench.command)}\n{HEADER}", flush=True)
                with ThreadPoolExecutor(options.jobs) as pool:
                    seeds = list(pool.map(bench.seed, range(1, options.seeds + 1)))
                whole = sum(seed["whole"] for seed in seeds)
                print(f"{whole} of {len(seeds)} seeds brought every paper exactly once")
                results[way] = {
                    "probability_of_each_fault": options.probability,
                    "faults": replay.FAULTS,
                    "whole": whole,
                    "seeds": seeds,
                }
        finally:
            databases.stop()
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
