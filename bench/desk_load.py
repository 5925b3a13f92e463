"""Many curators at once at the review desk: as people work, and as fast as it goes.

    python -m bench.desk_load [--papers 100000] [--curators 50] [--seconds 60] [--rush 20]

After ten seconds of warming up each curator decides every two seconds for `--seconds`, sending
every decision once more under the same idempotency key; then all decide without pauses for
`--rush` seconds, one suggestion a request; then as long with "accept all", which decides three.
At the end, what stands in the database is compared with what was sent, and
who was given which paper. The load comes from this process, on the same machine.
"""

import argparse
import gzip
import http.client
import json
import random
import re
import statistics
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from bench.desks import Site, site

RESULTS = Path(__file__).parent / "results" / "desk-load.json"
PAPER = re.compile(r'data-paper="([^"]*)"')
ROW = re.compile(r'data-row="([^"]+)" data-key="." data-verdict="([^"]*)"')
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
PAUSE = 2.0
WARM = 10.0  # seconds that count only in the account


@dataclass
class Curator:
    """Somebody who decides on what the desk shows, and notes what was sent and given."""

    url: str
    session: str
    chance: random.Random
    given: list[str] = field(default_factory=list)
    sent: list[tuple[str, str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        self.cookies = {"sessionid": self.session}
        page = self.ask("GET", "/review/")
        self.token = TOKEN.search(page)[1]
        self.look(page)

    def ask(self, method: str, path: str, values: dict[str, str] | None = None) -> str:
        headers = {
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "Accept-Encoding": "gzip",
            "Accept-Language": "en",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        if values is not None:
            headers |= {"HX-Request": "true", "X-CSRFToken": self.token}
        self.connection.request(method, path, urlencode(values) if values else None, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.wrong.append(f"{answer.status} {path}")
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _, value = cookie.split(";")[0].partition("=")
            self.cookies[name] = value
        if answer.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        return body.decode()

    def look(self, page: str) -> None:
        """What lies on the desk now: another paper, or the same with its rows."""
        if found := PAPER.search(page):
            self.paper = found[1]
            self.given.append(self.paper)
            self.open = []
        for slug, verdict in ROW.findall(page):
            if slug in self.open:
                self.open.remove(slug)
            if not verdict:
                self.open.append(slug)

    def decide(self, *, twice: bool) -> None:
        concept, verdict = self.open[0], self.chance.choice(("accept", "accept", "reject"))
        self.sent.append((self.paper, concept, verdict))
        self.send("decide", {"concept": concept, "verdict": verdict}, twice=twice)

    def accept_all(self, *, twice: bool) -> None:
        self.sent += [(self.paper, concept, "accept") for concept in self.open]
        self.send("rest", {"verdict": "accept"}, twice=twice)

    def send(self, name: str, more: dict[str, str], *, twice: bool) -> None:
        path = f"/review/{self.paper}/{name}/"
        values = {"key": uuid4().hex[:24], "text": "1", "shown": self.paper, **more}
        began = time.perf_counter()
        page = self.ask("POST", path, values)
        self.times.append(time.perf_counter() - began)
        if twice:
            began = time.perf_counter()
            self.ask("POST", path, values)
            self.again.append(time.perf_counter() - began)
        self.look(page)

    def work(self, seconds: float, pause: float, stroke: str) -> None:
        until = time.perf_counter() + seconds
        due = time.perf_counter() + self.chance.random() * pause
        while self.open and due < until:
            time.sleep(max(due - time.perf_counter(), 0))
            getattr(self, stroke)(twice=bool(pause))
            due = max(due + pause, time.perf_counter()) if pause else time.perf_counter()


def together(
    curators: list[Curator], seconds: float, pause: float, stroke: str = "decide"
) -> dict[str, float | None]:
    """All at once; what it came to."""
    for curator in curators:
        curator.times.clear()
        curator.again.clear()
    before = sum(len(one.sent) for one in curators)
    threads = [
        threading.Thread(target=one.work, args=(seconds, pause, stroke)) for one in curators
    ]
    began, busy = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took, busy = time.perf_counter() - began, time.process_time() - busy
    decisions = sum(len(one.sent) for one in curators) - before
    times = sorted(1000 * time for one in curators for time in one.times)
    again = sorted(1000 * time for one in curators for time in one.again)
    return {
        "curators": len(curators),
        "seconds": round(took, 1),
        "decisions": decisions,
        "decisions_per_second": round(decisions / took, 1),
        "requests_per_second": round((len(times) + len(again)) / took, 1),
        "load_generator_cores": round(busy / took, 2),
        "median_ms": round(statistics.median(times), 1),
        "p95_ms": round(times[int(0.95 * len(times))], 1),
        "worst_ms": round(times[-1], 1),
        "again_p95_ms": round(again[int(0.95 * len(again))], 1) if again else None,
    }


def account(where: Site, curators: list[Curator]) -> dict[str, int]:
    """Differences between what was sent and what stands, and papers given to two."""
    sent = [one for curator in curators for one in curator.sent]
    stands = where.ask(
        "SELECT p.arxiv_id, c.slug, d.verdict FROM taxonomy_decision d "
        "JOIN taxonomy_paper p ON p.id = d.paper_id "
        "JOIN taxonomy_concept c ON c.id = d.concept_id "
        "JOIN taxonomy_user u ON u.id = d.actor_id WHERE u.username ~ '^curator[0-9]+$'"
    )
    papers = [paper for curator in curators for paper in set(curator.given)]
    return {
        "lost": len(set(sent) - set(stands)),
        "foreign": len(set(stands) - set(sent)),
        "doubled": len(stands) - len(set(stands)),
        "papers_given_to_two": len(papers) - len(set(papers)),
        "answers_that_are_no_page": sum(len(curator.wrong) for curator in curators),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--papers", type=int, default=100_000)
    parser.add_argument("--curators", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rush", type=float, default=20)
    parser.add_argument("--workers", type=int, default=2, help="processes of the web server")
    options = parser.parse_args()
    with site(options.papers, options.curators, options.workers) as where:
        curators = [
            Curator(where.url, cookie, random.Random(number))
            for number, cookie in enumerate(where.cookies)
        ]
        result = {"papers": options.papers, "workers": options.workers}
        together(curators, WARM, PAUSE)  # a server that has run for a while
        result["paced"] = together(curators, options.seconds, PAUSE)
        result["rush"] = together(curators, options.rush, 0)
        result["rush_of_all"] = together(curators, options.rush, 0, "accept_all")
        result["account"] = account(where, curators)
    RESULTS.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    sys.exit(1 if any(result["account"].values()) else 0)


if __name__ == "__main__":
    main()
