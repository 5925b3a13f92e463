"""Does a harvest survive fifty kills, and how long does it stand still after each?

    python -m bench.ingest_kills --replay PROGRAM --corpus FILE [--kills 50] [--papers 5000]

A fresh `manage.py up` harvests a window by its schedule, a few dozen papers a page. Again
and again, as soon as it goes on, one of its processes is killed with SIGKILL: the worker
with its process group, the clock, the database server, in turn. In the end every paper
must be here once, with its suggestions made, the run's account must add up, and nothing of
it may be left running after `up` was stopped.
"""

import contextlib
import json
import os
import random
import signal
import statistics
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from bench import replay
from bench.running import PAPERS, Running, eventually

RESULTS = Path(__file__).parent / "results" / "ingest-kills.json"
CATEGORY = "cs.CL"
VICTIMS = ("worker", "beat", "database")
PAGE, DELAY = 50, 2.0  # papers an answer, seconds between two: long enough to be killed in
LONGEST_PAUSE = 1.5  # seconds of work between recovery and the next kill, at most
LONGEST_RECOVERY = 150.0
LIMIT = 1_500.0  # seconds for all of it
OVERLAP = timedelta(days=2)  # what a run repeats from before the watermark

RUN = """
SELECT state, received, new, updated, unchanged, skipped, refused, asked, expected, error
FROM ingest_harvest ORDER BY id
"""
WAITING = "SELECT count(*) FROM taxonomy_screening WHERE state IN ('identified', 'failed')"
SUGGESTED = "SELECT count(DISTINCT paper_id), count(*) FROM taxonomy_suggestion"
BEGIN = """
UPDATE ingest_query SET enabled = true, watermark = %s, last_pulled_at = NULL
WHERE slug = 'cs-cl'
"""


class Kills:
    """One harvest, and who was killed in it."""

    def __init__(self, kadai: Running, wanted: int) -> None:
        self.kadai = kadai
        self.wanted = wanted
        self.chance = random.Random(wanted)
        self.done: list[dict[str, Any]] = []
        self.deadline = time.monotonic() + LIMIT

    def go_on(self, kills: int) -> None:
        """Kill in turn, each time as soon as the harvest has gone on."""
        eventually(lambda: self.received() > 0, 120)
        for number in range(kills):
            time.sleep(self.chance.uniform(0, LONGEST_PAUSE))
            before = self.received()
            if before >= self.wanted or time.monotonic() > self.deadline:
                break
            self.done.append(self.one(VICTIMS[number % len(VICTIMS)], before))
            print(_line(number + 1, self.done[-1]), flush=True)

    def one(self, victim: str, before: int) -> dict[str, Any]:
        began = time.monotonic()
        if victim == "database":
            pid = self.kadai.postmaster()
            os.kill(pid, signal.SIGKILL)
            back = eventually(lambda: self.answers(pid), LONGEST_RECOVERY)
        else:
            pid = self.kadai.children()[victim]
            os.killpg(pid, signal.SIGKILL)
            back = eventually(
                lambda: self.kadai.children().get(victim, pid) != pid, LONGEST_RECOVERY
            )
        web = eventually(self.kadai.is_ready, LONGEST_RECOVERY)
        with contextlib.suppress(TimeoutError):
            eventually(lambda: self.received() > before, LONGEST_RECOVERY)
        return {
            "victim": victim,
            "at": before,
            "process_back": round(back, 2),
            "pages_back": round(back + web, 2),
            "harvest_back": round(time.monotonic() - began, 2),
        }

    def answers(self, old: int) -> bool:
        """A new database server does."""
        try:
            return self.kadai.postmaster() != old and bool(self.kadai.ask("SELECT 1"))
        except (psycopg.Error, OSError, ValueError, IndexError):
            return False

    def received(self) -> int:
        """So far; 0 while the database cannot say."""
        with contextlib.suppress(psycopg.Error):
            rows = self.kadai.ask("SELECT received FROM ingest_harvest ORDER BY id LIMIT 1")
            return rows[0][0] if rows else 0
        return 0

    def until_the_end(self) -> None:
        def over() -> bool:
            with contextlib.suppress(psycopg.Error):
                return self.kadai.ask(RUN)[0][0] != "running"
            return False

        eventually(over, max(60, self.deadline - time.monotonic()))
        # Suggesting goes on beside the harvest; what a killed worker held comes again.
        with contextlib.suppress(TimeoutError):
            eventually(lambda: self.kadai.ask(WAITING)[0][0] == 0, 240)


def _line(number: int, kill: dict[str, Any]) -> str:
    return (
        f"{number:>3}  {kill['victim']:<8} at {kill['at']:>5} papers: "
        f"process {kill['process_back']:6.2f} s  pages {kill['pages_back']:6.2f} s  "
        f"harvest {kill['harvest_back']:6.2f} s"
    )


def known_by_title(kadai: Running, wanted: dict[str, replay.Work]) -> int:
    """Papers of the window that are here before it is harvested."""
    return sum(key in wanted for (key,) in kadai.ask("SELECT arxiv_id FROM taxonomy_paper"))


def outcome(kadai: Running, wanted: dict[str, replay.Work], landmarks: int) -> dict[str, Any]:
    """What the database holds in the end."""
    rows = kadai.ask(PAPERS)
    state, received, new, updated, *rest = kadai.ask(RUN)[0]
    papers, suggestions = kadai.ask(SUGGESTED)[0]
    return {
        "papers": len(rows),
        "wanted": len(wanted),
        **replay.difference(rows, wanted),
        "run": state,
        "new": new,
        "updated": updated,  # works of the bibliography, known by title before
        "account_adds_up": received == new + updated + sum(rest[:3])
        and new + updated == len(rows)
        and updated == landmarks,
        "requests_counted": rest[3],
        "waiting_for_suggestions": kadai.ask(WAITING)[0][0],
        "papers_with_suggestions": papers,
        "suggestions": suggestions,
    }


def window(corpus: replay.Corpus, least: int) -> tuple[datetime, dict[str, replay.Work]]:
    """The watermark whose next run brings so many papers, and those papers."""
    works = sorted(corpus.of(CATEGORY).values(), key=lambda work: work.published)
    since = works[-min(least, len(works))].published.replace(second=0, microsecond=0)
    wanted = {work.arxiv_id: work for work in works if work.published >= since}
    return since + OVERLAP, wanted


def _recoveries(done: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for victim in VICTIMS:
        times = [kill["harvest_back"] for kill in done if kill["victim"] == victim]
        if times:
            found[victim] = {
                "kills": len(times),
                "median_s": round(statistics.median(times), 2),
                "longest_s": max(times),
            }
    return found


def main() -> None:
    parser = replay.parser(__doc__)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--papers", type=int, default=5_000)
    options = replay.parse(parser)
    watermark, wanted = window(replay.Corpus(options.corpus), options.papers)
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="kadai-kills-") as folder,
        replay.Replay(options.replay, options.corpus, cap=PAGE) as arxiv,
        (Path(folder) / "log").open("w+") as log,
    ):
        kadai = Running(Path(folder) / "home", log, arxiv.environment(DELAY))
        try:
            kadai.wait_until_ready()
            landmarks = known_by_title(kadai, wanted)
            kills = Kills(kadai, len(wanted))
            kadai.ask(BEGIN, watermark)
            kadai.look_on()
            kills.go_on(options.kills)
            kills.until_the_end()
            result = outcome(kadai, wanted, landmarks)
        finally:
            kadai.stop()
        requests = arxiv.log()
        result |= {
            "kills": len(kills.done),
            "recovery": _recoveries(kills.done),
            "left_running": kadai.left_behind(),
            "requests": len(requests),
            "most_in_flight": max(asked["in_flight"] for asked in requests),
            "seconds": round(time.monotonic() - began),
            "each": kills.done,
        }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "each"}, indent=1))


if __name__ == "__main__":
    main()
