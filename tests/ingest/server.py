"""A small arXiv on 127.0.0.1 with made-up papers, that misbehaves as it is told to.

Over the search API here, over OAI-PMH as `oai_answers` says, and with the daily listing of
`rss_answers`.

`faults` is a list of names, one for each request to come; None or an empty list: none.
"""

import itertools
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from tests.ingest import oai_answers, rss_answers

FEED = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" '
    'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns="http://www.w3.org/2005/Atom">'
)
FIRST = datetime(2025, 6, 1, 9, 0, 30, tzinfo=UTC)


@dataclass
class Record:
    arxiv_id: str
    published: datetime
    title: str = "A made-up paper"
    abstract: str = "It is about a language model."
    version: int = 1
    updated: datetime | None = None
    comment: str = ""
    categories: tuple = ("cs.CL",)
    authors: tuple = ("Ada Example", "Bo Sample")
    raw: str = ""
    withheld: bool = False  # counted by the search, and never sent
    # Said over OAI-PMH only:
    datestamp: str = ""
    licence: str = ""
    withdrawn: bool = False
    deleted: bool = False
    oai: str = ""

    def xml(self):
        if self.raw:
            return self.raw
        updated = self.updated or self.published
        categories = "".join(f'<category term="{c}"/>' for c in self.categories)
        authors = "".join(f"<author><name>{escape(a)}</name></author>" for a in self.authors)
        comment = f"<arxiv:comment>{escape(self.comment)}</arxiv:comment>" * bool(self.comment)
        return (
            f"<entry><id>http://arxiv.org/abs/{self.arxiv_id}v{self.version}</id>"
            f"<title>{escape(self.title)}</title><summary>{escape(self.abstract)}</summary>"
            f"<published>{self.published:%Y-%m-%dT%H:%M:%SZ}</published>"
            f"<updated>{updated:%Y-%m-%dT%H:%M:%SZ}</updated>{categories}{authors}{comment}"
            f'<arxiv:primary_category term="{self.categories[0]}"/></entry>'
        )


def made_up(count, *, first=FIRST, every=timedelta(minutes=7)):
    """So many papers, submitted one after another."""
    return [
        Record(f"2506.{n + 1:05d}", first + n * every, title=f"Made-up paper {n}")
        for n in range(count)
    ]


def feed_of(entries, total=None, start=0, per_page=None):
    total = len(entries) if total is None else total
    numbers = {"totalResults": total, "startIndex": start, "itemsPerPage": per_page}
    head = "".join(
        f"<opensearch:{name}>{value}</opensearch:{name}>"
        for name, value in numbers.items()
        if value is not None
    )
    return f"{FEED}{head}{''.join(entries)}</feed>"


def error_feed(message):
    return feed_of(
        [
            "<entry><id>http://arxiv.org/api/errors#incorrect_query</id><title>Error</title>"
            f"<summary>{escape(message)}</summary></entry>"
        ],
        total=1,
    )


@dataclass
class Asked:
    start: float
    query: dict
    fault: str | None
    in_flight: int
    agent: str
    sender: str = ""
    end: float = 0.0


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients that leave in the middle are part of the tests."""


@dataclass
class FakeArxiv:
    records: list = field(default_factory=list)
    faults: list = field(default_factory=list)
    log: list = field(default_factory=list)
    announced: tuple | None = None  # (day, records); None: there is no listing
    page_cap: int = 2000
    oai_page: int = 20
    oai_sizes: bool = False  # the real one never says how long a list is
    tokens_expired: bool = False
    disorder: bool = False  # lists backwards
    pause: float = 0.0
    retry_after: str = "1"
    on_request: object = None
    in_flight: int = 0
    gate: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self):
        handler = type("Bound", (Handler,), {"fake": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        at = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.url, self.oai_url, self.rss_url = f"{at}/api/query", f"{at}/oai", f"{at}/rss"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def windows(self):
        return [asked.query.get("search_query", "") for asked in self.log]

    @property
    def gaps(self):
        """From the end of each request to the beginning of the next."""
        return [b.start - a.end for a, b in itertools.pairwise(self.log)]

    def found(self, query):
        if ids := query.get("id_list"):
            wanted = [re.sub(r"v[0-9]+$", "", one) for one in ids.split(",")]
            return [r for r in reversed(self.records) if r.arxiv_id in wanted]
        search = query["search_query"]
        if "nothing" in search:
            return []
        low, high = "000000000000", "999999999999"
        if dates := re.search(r"submittedDate:\[([0-9]{12}) TO ([0-9]{12})\]", search):
            low, high = dates.groups()
        inside = [
            r
            for r in self.records
            if low <= f"{r.published:%Y%m%d%H%M}" <= high and not r.deleted
        ]
        newest_first = query.get("sortOrder") == "descending" and "sortBy" in query
        return sorted(inside, key=lambda r: (r.published, r.arxiv_id), reverse=newest_first)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeArxiv

    def log_message(self, *_):
        pass

    def do_GET(self):
        fake = self.fake
        query = {k: v[-1] for k, v in parse_qs(urlsplit(self.path).query).items()}
        with fake.gate:
            fake.in_flight += 1
            fault = fake.faults.pop(0) if fake.faults else None
            agent = self.headers.get("User-Agent", "")
            sender = self.headers.get("From", "")
            asked = Asked(time.monotonic(), query, fault, fake.in_flight, agent, sender)
            fake.log.append(asked)
        try:
            if fake.on_request:
                fake.on_request(len(fake.log))
            time.sleep(fake.pause)
            self.answer(query, fault)
        finally:
            with fake.gate:
                asked.end = time.monotonic()
                fake.in_flight -= 1

    def answer(self, query, fault):
        if fault and fault.isdigit():
            told = [("Retry-After", self.fake.retry_after)] if fault in {"429", "503"} else []
            body = error_feed("the search is not right") if fault == "400" else ""
            return self.send(int(fault), body, headers=told)
        if fault == "rate":
            return self.send(200, "Rate exceeded.", "text/plain")
        if fault == "html":
            return self.send(200, "<html><body>Down for maintenance</body></html>", "text/html")
        if fault == "nulls":
            return self.send(200, "<html>Down\x00for\x00maintenance</html>", "text/html")
        if urlsplit(self.path).path == "/oai" and fault != "reset":
            return self.finish(oai_answers.answer(self.fake, query, fault), fault, "text/xml")
        if fault == "error":
            return self.send(200, error_feed("the search is not right"))
        if fault == "reset":
            self.close_connection = True
            return self.connection.close()
        if urlsplit(self.path).path.startswith("/rss/"):
            body = rss_answers.answer(self.fake, urlsplit(self.path).path)
            return self.finish(body, fault, "text/xml") if body else self.send(404, "")
        if fault == "zero":
            return self.send(200, feed_of([], total=0))
        return self.page(query, fault)

    def page(self, query, fault):
        fake = self.fake
        start, asked = int(query.get("start", 0)), int(query.get("max_results", 10))
        found = fake.found(query)
        total = len(found)
        if fault == "unsorted":
            found = found[::-1]
        page = found[start : start + min(asked, fake.page_cap)]
        page = [r.xml() for r in page if not r.withheld]
        if fault == "empty":
            page = []
        if fault == "short":
            page = page[: len(page) // 2]
        if fault == "dup" and page:
            page = [page[-1], *page[:-2], page[-1]] if len(page) > 1 else page * 2
        if fault == "stray" and page:
            page = [Record("2401.00009", FIRST - timedelta(days=400)).xml(), *page[:-1]]
        if fault == "start":
            start += 1
        return self.finish(feed_of(page, total, start, min(asked, fake.page_cap)), fault)

    def finish(self, body, fault, kind="application/atom+xml"):
        """What happens to a body on the way."""
        if fault == "badxml":
            body = body.replace("<title>", "<title>\x0b&#0;&#xD800;", 1)
        if fault == "truncate":
            body = body[: len(body) // 2]
        return self.send(200, body, kind, cut=fault == "cut")

    def send(self, status, body, kind="application/atom+xml", headers=(), cut=False):
        data = body.encode(errors="surrogatepass")
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[: len(data) // 2] if cut else data)
        if cut:
            self.close_connection = True
