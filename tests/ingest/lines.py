"""Made-up lines of a metadata snapshot, in the form that arXiv publishes."""

import gzip
import json


def record(number=1, **values):
    """The object of a line; `number` makes the id."""
    return {
        "id": f"2505.{number:05d}",
        "submitter": "Ada Example",
        "authors": "Ada M. Example and Bo Sample Jr",
        "title": f"A made-up paper,\n  number {number}",
        "comments": "12 pages",
        "journal-ref": None,
        "doi": None,
        "report-no": None,
        "categories": "cs.CL cs.AI",
        "license": "http://creativecommons.org/licenses/by/4.0/",
        "abstract": "  It costs 5\\% of it,\nand $\\alpha$ more.\n",
        "versions": [{"version": "v1", "created": "Sun, 4 May 2025 03:00:00 GMT"}],
        "update_date": "2025-05-05",
        "authors_parsed": [["Example", "Ada M.", ""], ["Sample", "Bo", "Jr", "Made-up Lab"]],
    } | values


def line(number=1, **values):
    return json.dumps(record(number, **values)).encode()


def versions(*days):
    """As many versions as days of May 2025."""
    return [
        {"version": f"v{n}", "created": f"Sun, {day} May 2025 03:00:00 GMT"}
        for n, day in enumerate(days, start=1)
    ]


def write(path, lines):
    """A snapshot file of these lines; gzip where its name says so."""
    body = b"".join(one + b"\n" for one in lines)
    path.write_bytes(gzip.compress(body) if path.suffix == ".gz" else body)
    return path


HOSTILE = {
    "no JSON": b"{nonsense",
    "a number": b"17",
    "a list": b"[" + line() + b"]",
    "deep nesting": b'{"id": ' + b"[" * 100_000,
    "not UTF-8": line().replace(b"made-up", b"made\xff", 1),
    "a raw null byte": line().replace(b"made-up", b"made\x00up", 1),
    "an escaped null byte": line(title="made\x00up"),
    "half a character": line().replace(b"made-up", rb"made\ud800up", 1),
    "half a character as id": line(id="\udfff"),
    "an id that is none": line(id="no-id"),
    "an id of no month": line(id="2513.00001"),
    "an id that is a number": line(id=2505.00001),
    "no id": line(id=None),
    "no title": line(title=" \n"),
    "a title of a list": line(title=["A", "B"]),
    "an abstract of 5 MB": line(abstract="x" * 5_000_000),
    "an abstract of 40 kB": line(abstract="x" * 40_000),
    "a title of 3 kB": line(title="x" * 3_000),
    "an endless list of authors": line(authors_parsed=[["x" * 50_000, "", ""]] * 9),
    "authors that are no names": line(authors_parsed=[["Example", 7, ""]]),
    "authors that are an object": line(authors_parsed={"Example": "Ada"}),
    "no versions": line(versions=[]),
    "a version of a wrong form": line(versions=[{"version": "1", "created": "now"}]),
    "a version of 5 digits": line(versions=[{"version": "v12345", "created": "now"}]),
    "versions that are a text": line(versions="v1"),
    "no date": line(versions=[{"version": "v1"}]),
    "a date that is none": line(
        versions=[{"version": "v1", "created": "Sun, 31 Feb 2025 03:00:00 GMT"}]
    ),
    "a date of no paper": line(
        versions=[{"version": "v1", "created": "Sun, 4 May 1925 03:00:00 GMT"}]
    ),
    "a number without end": b'{"id": ' + b"9" * 5_000 + b"}",
}
