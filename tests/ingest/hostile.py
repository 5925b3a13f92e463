"""What means harm: hostile papers, in the form of each way in, and hostile answers."""

import json
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler
from xml.sax.saxutils import escape, quoteattr

from ingest.models import Query, Way
from tests.ingest.server import FEED, Server


@dataclass(frozen=True)
class Work:
    """A paper as it will be said; all of it text, so that all of it can be wrong."""

    arxiv_id: str = "2506.00002"
    version: str = "1"
    title: str = "A made-up paper"
    abstract: str = "It is about a language model."
    authors: tuple = ("Ada Example",)
    date: str = ""  # empty: a right one, in the way's own form
    categories: tuple = ("cs.CL",)
    comment: str = ""
    doi: str = ""
    markup: str = ""  # put into the record as it is


BEFORE, AFTER = Work("2506.00001"), Work("2506.00003")


class Search:
    """The search API: a feed of entries."""

    query = Query(slug="made-up", name="Made-up", search="cat:cs.CL", way=Way.SEARCH)
    root = "feed"

    @staticmethod
    def record(work):
        date = work.date or "2025-06-02T09:00:00Z"
        authors = "".join(f"<author><name>{escape(a)}</name></author>" for a in work.authors)
        return (
            f"<entry><id>http://arxiv.org/abs/{escape(work.arxiv_id)}v{work.version}</id>"
            f"<title>{escape(work.title)}</title><summary>{escape(work.abstract)}</summary>"
            f"<published>{date}</published><updated>{date}</updated>{authors}"
            + "".join(f"<category term={quoteattr(term)}/>" for term in work.categories)
            + f"<arxiv:comment>{escape(work.comment)}</arxiv:comment>"
            f"<arxiv:doi>{escape(work.doi)}</arxiv:doi>{work.markup}</entry>"
        )

    @classmethod
    def document(cls, works, total=None):
        number = len(works) if total is None else total
        return (
            f"{FEED}<opensearch:totalResults>{number}</opensearch:totalResults>"
            f"{''.join(map(cls.record, works))}</feed>"
        )


class Oai:
    """OAI-PMH: a list of records in the form arXivRaw."""

    query = Query(slug="made-up", name="Made-up", search="cs:cs:CL", way=Way.OAI)
    root = "OAI-PMH"

    @staticmethod
    def record(work):
        date = work.date or "Mon, 02 Jun 2025 09:00:00 GMT"
        return (
            f"<record><header><identifier>oai:arXiv.org:{escape(work.arxiv_id)}</identifier>"
            "<datestamp>2025-06-03</datestamp></header><metadata>"
            '<arXivRaw xmlns="http://arxiv.org/OAI/arXivRaw/">'
            f'<id>{escape(work.arxiv_id)}</id><version version="v{work.version}">'
            f"<date>{date}</date><source_type>D</source_type></version>"
            f"<title>{escape(work.title)}</title>"
            f"<authors>{escape(', '.join(work.authors))}</authors>"
            f"<categories>{escape(' '.join(work.categories))}</categories>"
            f"<comments>{escape(work.comment)}</comments><doi>{escape(work.doi)}</doi>"
            f"<abstract>{escape(work.abstract)}</abstract>{work.markup}"
            "</arXivRaw></metadata></record>"
        )

    @classmethod
    def document(cls, works, total=None):
        number = len(works) if total is None else total
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">'
            "<responseDate>2025-06-04T00:00:00Z</responseDate><request>x</request>"
            f"<ListRecords>{''.join(map(cls.record, works))}"
            f'<resumptionToken completeListSize="{number}" cursor="0"></resumptionToken>'
            "</ListRecords></OAI-PMH>"
        )


class Snapshot:
    """The metadata snapshot: an object of JSON a line."""

    @staticmethod
    def record(work):
        created = work.date or "Mon, 2 Jun 2025 09:00:00 GMT"
        said = {
            "id": work.arxiv_id,
            "title": work.title,
            "abstract": work.abstract,
            "authors_parsed": [[*name.split(" ", 1)[::-1], ""] for name in work.authors],
            "categories": " ".join(work.categories),
            "comments": work.comment,
            "doi": work.doi,
            "versions": [{"version": f"v{work.version}", "created": created}],
        }
        return json.dumps(said).encode() + b"\n"


@dataclass
class Answer:
    """What is sent: a body with its headers, or whatever `by_hand` does with the socket."""

    body: bytes = b""
    headers: dict = field(default_factory=dict)
    by_hand: object = None

    def edited(self, **values):
        return replace(self, **values)


@dataclass
class HostileArxiv:
    """Gives the answers in turn, and the last one for ever."""

    answers: list = field(default_factory=list)
    asked: list = field(default_factory=list)

    def __enter__(self):
        self.over = threading.Event()
        handler = type("Bound", (Handler,), {"arxiv": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/"
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    arxiv: HostileArxiv

    def log_message(self, *_):
        pass

    def do_GET(self):
        answers = self.arxiv.answers
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        self.arxiv.asked.append(self.path)
        if answer.by_hand:
            return answer.by_hand(self.wfile, self.arxiv.over)
        self.send_response(200)
        headers = {"Content-Type": "text/xml", "Content-Length": str(len(answer.body))}
        for name, value in (headers | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)
        return None
