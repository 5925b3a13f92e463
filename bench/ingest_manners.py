"""Does Kadai ask one question at a time, however many of its processes want to?

    python -m bench.ingest_manners --replay PROGRAM --corpus FILE [--seconds 60]

For a minute four of them want answers at once, of all of arXiv's interfaces, with faults:
the worker of a running `manage.py up` by its schedule, a pull and a harvest over OAI-PMH on
the command line, and a browser in which one search after another is previewed. The replay's
log then says how long after each request the next one came, and how many were ever in
flight.
"""

import contextlib
import itertools
import json
import re
import signal
import subprocess
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import requests

from bench import replay
from bench.ingest_kills import BEGIN, window
from bench.running import Running, eventually

RESULTS = Path(__file__).parent / "results" / "ingest-manners.json"
DELAY = 0.4  # seconds that are promised between two requests
PAGE = 100
FAULTS = "503:0.05,429:0.05,500:0.05,html:0.05,truncate:0.05,slow:0.05,empty:0.05,dup:0.05"
SIGN_IN = re.compile(r"Sign in +(http://\S+)")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Browser:
    """A signed-in curator who writes one search after another, and waits for each preview."""

    def __init__(self, kadai: Running) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        log = Path(kadai.log.name)
        eventually(lambda: SIGN_IN.search(log.read_text()) is not None, 60)
        found = SIGN_IN.search(log.read_text())
        assert found is not None
        page = self.session.get(found[1], timeout=10)
        if token := TOKEN.search(page.text):
            self.session.post(page.url, data={"csrfmiddlewaretoken": token[1]}, timeout=10)
        self.session.get(f"http://127.0.0.1:{kadai.port}/ingest/", timeout=10)
        self.address = f"http://127.0.0.1:{kadai.port}/ingest/preview/"
        self.answered = 0

    def work(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            search = f'all:"language model" AND all:{self.answered}'
            page = self.look(search)
            while self.is_waiting(page) and time.monotonic() < end:
                time.sleep(0.5)
                page = self.look(search)
            self.answered += not self.is_waiting(page)

    def look(self, search: str) -> str:
        answer = self.session.post(
            self.address,
            data={"way": "search", "search": search, "match": ""},
            headers={"X-CSRFToken": self.session.cookies["csrftoken"], "HX-Request": "true"},
            timeout=10,
        )
        answer.raise_for_status()
        return answer.text

    @staticmethod
    def is_waiting(page: str) -> bool:
        """It asks to be looked at again."""
        return "hx-trigger" in page


def commands(kadai: Running) -> "list[subprocess.Popen[str]]":
    """Beside worker and browser: each goes on until it is stopped or has all it wants."""
    return [
        kadai.manage("pull", "--query", "models-in-learning", "--since", "2025-01-01"),
        kadai.manage("harvest_oai", "--set", "cs:cs:AI"),
    ]


def kind(path: str) -> str:
    """Which interface, and by which process as far as the question tells."""
    if path.startswith("/rss"):
        return "RSS, worker"
    if path.startswith("/oai"):
        return "OAI-PMH, command line"
    if "language+model%22+AND+all" in path:
        return "search API, preview"
    return "search API, command line" if "ANDNOT" in path else "search API, worker"


def manners(log: list[dict[str, Any]]) -> dict[str, Any]:
    """What the log of the replay says about us."""
    times = [asked["t"] for asked in log]
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(times))
    return {
        "requests": len(log),
        "delay_s": DELAY,
        "smallest_gap_s": round(gaps[0], 4),
        "median_gap_s": round(gaps[len(gaps) // 2], 4),
        "gaps_below_the_delay": sum(gap < DELAY for gap in gaps),
        "most_in_flight": max(asked["in_flight"] for asked in log),
        "by_asker": dict(Counter(kind(asked["path"]) for asked in log)),
        "faults": dict(Counter(asked["fault"] for asked in log if asked["fault"])),
        "user_agents": sorted({asked["user_agent"] for asked in log}),
    }


def main() -> None:
    parser = replay.parser(__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    options = replay.parse(parser)
    watermark, _ = window(replay.Corpus(options.corpus), 10_000)
    with (
        tempfile.TemporaryDirectory(prefix="kadai-manners-") as folder,
        replay.Replay(options.replay, options.corpus, FAULTS, cap=PAGE) as arxiv,
        (Path(folder) / "log").open("w+") as log,
    ):
        kadai = Running(Path(folder) / "home", log, arxiv.environment(DELAY))
        started: list[subprocess.Popen[str]] = []
        try:
            kadai.wait_until_ready()
            before = len(arxiv.log())
            kadai.ask(BEGIN, watermark)
            kadai.look_on()
            browser = Browser(kadai)
            started = commands(kadai)
            kadai.look_on("read_listing")  # RSS, once a day: one request
            browser.work(options.seconds)
            result = manners(arxiv.log()[before:]) | {"previews": browser.answered}
        finally:
            for process in started:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
                process.wait(30)
            kadai.stop()
        result["left_running"] = kadai.left_behind()
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
