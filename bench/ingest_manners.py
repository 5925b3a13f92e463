"""Does Kadai ask one question at a time, however many of its processes want to?

    python -m bench.ingest_manners --replay PROGRAM --corpus FILE [--seconds 60]

For a minute four of them want answers at once, of all of arXiv's interfaces, with faults:
the worker of a running `manage.py up` by its schedule, a pull and a harvest over OAI-PMH on
the command line, and a page that previews a search again and again. The replay's log then
says how long after each request the next one came, and how many were ever in flight.
"""

import contextlib
import itertools
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import replay
from bench.ingest_kills import BEGIN, window
from bench.running import PROJECT, Running

RESULTS = Path(__file__).parent / "results" / "ingest-manners.json"
DELAY = 0.4  # seconds that are promised between two requests
PAGE = 100
FAULTS = "503:0.05,429:0.05,500:0.05,html:0.05,truncate:0.05,slow:0.05,empty:0.05,dup:0.05"
PREVIEW = """
import sys, time
import django
django.setup()
from ingest import pace
from ingest.arxiv import ArxivError
from ingest.asking import Asker
end = time.monotonic() + float(sys.argv[1])
while time.monotonic() < end:
    asker = Asker(lambda: None)
    try:
        asker(lambda: asker.client.total('all:"language model"'))
    except (ArxivError, pace.NotYet, pace.Stopped):
        time.sleep(0.1)
"""


def askers(kadai: Running, seconds: float) -> "dict[str, subprocess.Popen[str]]":
    """Beside the worker: each goes on until it is stopped or has all it wants."""
    preview = subprocess.Popen(
        [sys.executable, "-c", PREVIEW, str(seconds)],
        cwd=PROJECT,
        env={**kadai.environment, "DJANGO_SETTINGS_MODULE": "config.settings"},
        text=True,
        stdout=kadai.log,
        stderr=kadai.log,
    )
    return {
        "preview": preview,
        "pull": kadai.manage("pull", "--query", "models-in-learning", "--since", "2025-01-01"),
        "oai": kadai.manage("harvest_oai", "--set", "cs:cs:AI"),
    }


def kind(path: str) -> str:
    """Which interface, and by which process as far as the question tells."""
    if path.startswith("/oai"):
        return "OAI-PMH, command line"
    if "language+model%22&" in path and "submittedDate" not in path:
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
        started: dict[str, subprocess.Popen[str]] = {}
        try:
            kadai.wait_until_ready()
            before = len(arxiv.log())
            kadai.ask(BEGIN, watermark)
            kadai.look_on()
            started = askers(kadai, options.seconds)
            time.sleep(options.seconds)
            result = manners(arxiv.log()[before:])
        finally:
            for process in started.values():
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
                process.wait(30)
            kadai.stop()
        result["left_running"] = kadai.left_behind()
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
