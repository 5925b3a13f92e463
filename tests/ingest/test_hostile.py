"""Records and answers that mean harm: refused or made harmless, and the run ends well."""

import gzip
import time
import zlib

import pytest

from ingest import fetching, harvest, pace
from ingest.models import Harvest, Refusal
from taxonomy.models import Paper
from tests.ingest.conftest import JUNE
from tests.ingest.hostile import AFTER, BEFORE, Answer, HostileArxiv, Oai, Search, Work

WAYS = {"search": Search, "oai": Oai}

# What a paper says, and what becomes of it.
HARMLESS = {
    "a script": (
        {"title": "<script>alert(1)</script>"},
        {"title": "<script>alert(1)</script>"},
    ),
    "null bytes and controls": (
        {"title": "one\x00two\x1bthree\x7f"},
        {"title": "one two three"},
    ),
    "a lone surrogate": ({"title": "one \ud800 two"}, {"title": "one \ufffd\ufffd\ufffd two"}),
    "text that turns around": ({"title": "\u202eone \u2066two"}, {"title": "one two"}),
    "twenty thousand authors": (
        {"authors": tuple(f"Author N{number}" for number in range(20_000))},
        {"authors": [f"Author N{number}" for number in range(20_000)]},
    ),
    "a comment of megabytes": ({"comment": "y" * 5_000_000}, {"comment": "y" * 2_000}),
    "a DOI without end": ({"doi": "10." + "1" * 5_000}, {"doi": ""}),
    "categories that are none": (
        {"categories": ("cs.CL", "<b>", "x" * 500, "';--")},
        {"categories": ["cs.CL"]},
    ),
    "levels that are not too many": (
        {"markup": "<a>" * 200 + "</a>" * 200},
        {"title": Work.title},
    ),
    "markup in the record": ({"markup": "<x><y z='1'>w</y></x>"}, {"title": Work.title}),
}
# What a paper says, and why it is not taken in.
REFUSED = {
    "a title of megabytes": ({"title": "t" * 5_000_000}, "the title has 5,000,000 char"),
    "an abstract of megabytes": (
        {"abstract": "a" * 5_000_000},
        "the abstract has 5,000,000 char",
    ),
    "authors of megabytes": (
        {"authors": ("N" * 5_000_000,)},
        "the list of authors has 5,000,000",
    ),
    "no title": ({"title": " \x00 "}, "no title"),
    "an id that is a condition": ({"arxiv_id": "2506.00002 OR 1=1"}, "is no arXiv id"),
    "an id that is a path": ({"arxiv_id": "../../../etc/passwd"}, "is no arXiv id"),
    "an id of a thirteenth month": ({"arxiv_id": "2513.00002"}, "is no year and month"),
    "an id of megabytes": ({"arxiv_id": "9" * 5_000_000}, "too long for an arXiv id"),
    "a version without end": ({"version": "9" * 30}, r"is no (arXiv id|version)"),
    "a negative version": ({"version": "-1"}, r"is no (arXiv id|version)"),
    "a date that is none": ({"date": "yesterday"}, "date"),
    "a date of the year zero": ({"date": "0000-00-00T00:00:00Z"}, "date"),
    "a date of the far future": ({"date": "Fri, 31 Dec 9999 23:59:59 -2359"}, "date"),
    "an entity that is not defined": ({"markup": "&lol;"}, "not well-formed"),
    "tags that do not close": ({"markup": "<a><b></a>"}, "not well-formed"),
    "a hundred thousand levels": (
        {"markup": "<a>" * 100_000 + "</a>" * 100_000},
        "depth|Excessive",
    ),
    "an attribute of megabytes": (
        {"markup": f"<a b='{'c' * 12_000_000}'/>"},
        "not well-formed",
    ),
}


def entity_bomb(root, text, document_type):
    """The answer with a document type before its root, and an entity in each title."""
    before, tag, after = text.partition(f"<{root}")
    return before + document_type + tag + after.replace("made-up paper", "&bomb;")


def laughs(root, text):
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return entity_bomb(
        root, text, f'<!DOCTYPE {root} [<!ENTITY l0 "ha">{levels}<!ENTITY bomb "&l9;">]>'
    )


def quadratic(root, text):
    word = "w" * 100_000
    return entity_bomb(root, text, f'<!DOCTYPE {root} [<!ENTITY bomb "{word}">]>').replace(
        "&bomb;", "&bomb;" * 5_000
    )


def file_entity(root, text):
    return entity_bomb(
        root, text, f'<!DOCTYPE {root} [<!ENTITY bomb SYSTEM "file:///etc/passwd">]>'
    )


def far_document_type(root, text):
    return entity_bomb(root, text, f'<!DOCTYPE {root} SYSTEM "http://127.0.0.1:1/x.dtd">')


def hidden_document_type(root, text):
    """Behind a comment in which the root seems to have begun."""
    return entity_bomb(
        root, text, f'<!-- <{root}> --><!DOCTYPE {root} [<!ENTITY bomb "{"b" * 9_000}">]>'
    )


def dribble(head, part):
    """Something now and then, without end."""

    def by_hand(wire, over):
        wire.write(head)
        while not over.wait(0.05):
            wire.write(part)
            wire.flush()

    return by_hand


def bomb(megabytes):
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = bytes(1_000_000)
    return b"".join(press.compress(zeros) for _ in range(megabytes)) + press.flush()


# Requests until a run with one bad total is done.
TOTALS_NEEDED = {Search: 2, Oai: 1}
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"
PACKED = {"Content-Encoding": "gzip"}


def right(way):
    return way.document([BEFORE, Work(), AFTER])


def typed(edit):
    return lambda way: Answer(edit(way.root, right(way)).encode())


def many_tags(way):
    end = f"</{way.root}>"
    return Answer(right(way).replace(end, "<a/>" * 2_000_001 + end).encode())


def many_records(way):
    empty = "<entry/>" if way is Search else "<record/>"
    one = Work(title="")
    return Answer(way.document([one]).replace(way.record(one), empty * 50_001).encode())


def socket_level(by_hand):
    return lambda way: Answer(by_hand=by_hand)


def written(text):
    return socket_level(lambda wire, over: wire.write(text))


CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
# How an answer is made that is not read at all, and what is said of it.
UNREADABLE = {
    "a billion laughs": (typed(laughs), "document type"),
    "quadratic entities": (typed(quadratic), "document type"),
    "an entity that is a file": (typed(file_entity), "document type"),
    "a document type elsewhere": (typed(far_document_type), "document type"),
    "a hidden document type": (typed(hidden_document_type), "document type"),
    "UTF-16": (lambda way: Answer(right(way).encode("utf-16")), "cannot be read"),
    "millions of tags": (many_tags, "more than 2,000,000 tags"),
    "thousands of records": (many_records, "50,001 records"),
    "a gzip bomb": (lambda way: Answer(bomb(200), PACKED), "longer than 32,000,000 bytes"),
    "gzip that is none": (lambda way: Answer(right(way).encode(), PACKED), "cannot be read"),
    "half of a gzip": (
        lambda way: Answer(gzip.compress(right(way).encode())[:200], PACKED),
        "arXiv's answer",
    ),
    "a body that dribbles": (socket_level(dribble(OK + b"\r\n", b"x")), "longer than 1 s"),
    "chunks that dribble": (socket_level(dribble(CHUNKED, b"1\r\nx\r\n")), "longer than 1 s"),
    "headers that dribble": (socket_level(dribble(OK, b"x")), "longer than 1 s"),
    "headers without end": (written(OK + b"X: y\r\n" * 500), "connection to arXiv failed"),
    "a length that is none": (written(OK + b"Content-Length: -7\r\n\r\n"), "cannot be read"),
    "no HTTP": (written(b"\x00\xff" * 500), "connection to arXiv failed"),
}
# Wrong about its own encoding, and read all the same.
READABLE = {
    "UTF-16 is said": lambda text: text.replace("UTF-8", "UTF-16").encode(),
    "Latin-1 is said": lambda text: text.replace("UTF-8", "ISO-8859-1").encode(),
    "nothing is said": lambda text: text[text.index("\n") + 1 :].encode(),
    "a byte order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "bytes of Latin-1": lambda text: text.replace("made-up", "m\xe4de-up").encode("latin-1"),
}


@pytest.fixture(params=sorted(WAYS))
def way(request, db):
    chosen = WAYS[request.param]
    query = chosen.query
    query.pk = None
    query._state.adding = True
    query.save()
    return chosen


@pytest.fixture
def arxiv(settings, monkeypatch):
    """Whatever is asked, it gives its answers; all waits are short."""
    settings.ARXIV_DELAY_SECONDS = 0.01
    monkeypatch.setattr(pace, "wait_after", lambda *_: 0.01)
    monkeypatch.setattr(fetching, "LONGEST_REQUEST", 1.0)
    with HostileArxiv() as server:
        settings.ARXIV_API_URL = settings.ARXIV_OAI_URL = server.url
        yield server


def run_of(way, steps=20):
    """Begun and taken to its end, or so many steps."""
    since, until = JUNE
    run = harvest.begin(way.query, trigger="command", since=since, until=until)
    for _ in range(steps):
        run = harvest.claim(run.pk, run.step if run.step else None)
        harvest.advance(run)
        if not run.is_running:
            break
    return Harvest.objects.get(pk=run.pk)


def account(run):
    return run.state, run.received, run.new, run.refused


def body(way, work):
    return way.document([BEFORE, work, AFTER]).encode(errors="surrogatepass")


@pytest.mark.django_db
@pytest.mark.parametrize("case", sorted(HARMLESS))
def test_what_can_be_made_harmless_is_taken_in(way, arxiv, case):
    values, expected = HARMLESS[case]
    arxiv.answers = [Answer(body(way, Work(**values)))]
    assert account(run_of(way)) == ("done", 3, 3, 0)
    paper = Paper.objects.get(arxiv_id="2506.00002")
    assert {name: getattr(paper, name) for name in expected} == expected


@pytest.mark.django_db
@pytest.mark.parametrize("case", sorted(REFUSED))
def test_what_cannot_be_is_refused_with_its_reason_and_the_others_are_kept(way, arxiv, case):
    values, reason = REFUSED[case]
    arxiv.answers = [Answer(body(way, Work(**values)))]
    assert account(run_of(way)) == ("done", 3, 2, 1)
    assert sorted(Paper.objects.values_list("arxiv_id", flat=True)) == [
        "2506.00001",
        "2506.00003",
    ]
    refusal = Refusal.objects.get()
    assert len(refusal.raw) <= 20_000
    with pytest.raises(ValueError, match=reason):
        raise ValueError(refusal.reason)


@pytest.mark.django_db
@pytest.mark.parametrize("case", sorted(UNREADABLE))
def test_an_answer_that_is_not_read_costs_little_and_is_asked_for_again(way, arxiv, case):
    made, message = UNREADABLE[case]
    arxiv.answers = [made(way), Answer(right(way).encode())]
    began = time.monotonic()
    run = run_of(way, steps=1)
    assert time.monotonic() - began < 15
    assert account(run) == ("running", 0, 0, 0)
    with pytest.raises(ValueError, match=message):
        raise ValueError(run.error)
    run = harvest.claim(run.pk, run.step)
    harvest.advance(run)
    assert account(run) == ("done", 3, 3, 0)
    assert run.asked == len(arxiv.asked)


@pytest.mark.django_db
@pytest.mark.parametrize("total", [-5, 10**30, "many", "", "1e3"])
def test_a_total_that_is_none_is_no_total(way, arxiv, total):
    wrong = way.document([BEFORE, Work(), AFTER], total)
    arxiv.answers = [Answer(wrong.encode()), Answer(right(way).encode())]
    run = run_of(way)
    assert account(run) == ("done", 3, 3, 0)
    assert len(arxiv.asked) == TOTALS_NEEDED[way]  # OAI-PMH may well leave it out


@pytest.mark.django_db
@pytest.mark.parametrize("case", sorted(READABLE))
def test_an_answer_that_is_wrong_about_its_encoding_is_read(way, arxiv, case):
    arxiv.answers = [Answer(READABLE[case](way.document([BEFORE])))]
    assert account(run_of(way)) == ("done", 1, 1, 0)
