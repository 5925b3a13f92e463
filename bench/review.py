"""Review at Kadai's desk beside Label Studio and doccano, each as it starts by default.

    python -m bench.review [--papers 20000] [--clients 8] [--seconds 30] [--rivals-folder DIR]

The same number of papers waits in each. A client says of the paper it has that three labels
fit, and goes on as soon as the next paper is there: at Kadai's desk "accept all" by one
request, whose answer holds the next paper; in the others by what their own pages ask for.
First one client alone, then all together. One after another, so that each has the machine to
itself. The others are installed once, in environments of their own; what cannot be had here is
named in the results.
"""

import argparse
import json
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from bench.desk_load import Curator
from bench.desks import site
from bench.rivals import environments, labelling
from bench.rivals.labelling import Client

RESULTS = Path(__file__).parent / "results" / "review.json"
LABELS_A_PAPER = len(labelling.LABELS)  # as many suggestions has each paper at the desk
WORDS = "model language attention context token retrieval prompt reasoning alignment".split()


class AtKadai(Curator):
    """A curator who accepts all that is suggested."""

    def label(self) -> None:
        values = {
            "key": uuid4().hex[:24], "text": "1", "shown": self.paper, "verdict": "accept"
        }  # fmt: skip
        before = self.paper
        self.look(self.ask("POST", f"/review/{before}/rest/", values))
        if self.paper == before or self.wrong:
            raise RuntimeError(f"no next paper after {before}: {self.wrong}")


@contextmanager
def at_kadai(papers: int, clients: int) -> Iterator[Sequence[Client]]:
    with site(papers, clients, workers=2) as where:
        yield [
            AtKadai(where.url, cookie, random.Random(number))
            for number, cookie in enumerate(where.cookies)
        ]


def work(clients: Sequence[Client], seconds: float) -> dict[str, float]:
    """All of them for so long; papers a second, and how long until the next was there."""
    until, times = time.perf_counter() + seconds, [[] for _ in clients]

    def one(client: Client, mine: list[float]) -> None:
        while (began := time.perf_counter()) < until:
            client.label()
            mine.append(time.perf_counter() - began)

    threads = [
        threading.Thread(target=one, args=pair) for pair in zip(clients, times, strict=True)
    ]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    found = sorted(1000 * one for mine in times for one in mine)
    return {
        "clients": len(clients),
        "papers_per_second": round(len(found) / took, 2),
        "decisions_per_second": round(LABELS_A_PAPER * len(found) / took, 1),
        "median_ms": round(statistics.median(found), 1),
        "p95_ms": round(found[int(0.95 * len(found))], 1),
    }


def measure(clients: Sequence[Client], seconds: float) -> dict[str, dict[str, float]]:
    clients[0].label()  # what is made at the first request counts for nobody
    return {"alone": work(clients[:1], seconds / 3), "together": work(clients, seconds)}


def beside(name: str, options: argparse.Namespace) -> dict[str, object]:
    """One of the others, or why it is not to be had."""
    start = {"label_studio": labelling.label_studio, "doccano": labelling.doccano}[name]
    chance = random.Random(1)
    texts = [" ".join(chance.choices(WORDS, k=120)) for _ in range(options.papers)]
    try:
        python = environments.python_of(name, options.rivals_folder)
        with (
            tempfile.TemporaryDirectory(prefix=f"kadai-{name}-") as folder,
            start(python, Path(folder), texts, options.clients) as clients,
        ):
            return dict(measure(clients, options.seconds))
    except environments.RivalMissing as error:
        return {"missing": str(error)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=20_000)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rivals-folder", type=Path, default=environments.DEFAULT)
    options = parser.parse_args()
    with at_kadai(options.papers, options.clients) as clients:
        result: dict[str, object] = {"papers": options.papers}
        result["kadai"] = measure(clients, options.seconds)
        print("kadai", json.dumps(result["kadai"]), flush=True)
    for name in ("label_studio", "doccano"):
        result[name] = beside(name, options)
        print(name, json.dumps(result[name]), flush=True)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
