"""What is written can be read again, whatever stands in it."""

import csv as stdlib_csv
import io
import json
import re
from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import citations
from taxonomy.interchange import bibtex, csv, feeds, jsonld, ndjson, ris, skos, turtle
from taxonomy.interchange.papers import TaggedPaper
from taxonomy.models import Paper

FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n")

# What PostgreSQL can hold: no surrogates, no NUL.
texts = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
tricky = texts | st.text("{}\\\"%$#&_^~,\n\r\t=+-@<>'` andé", max_size=60)


def paper_of(title="A title", authors=("Ada Example",), abstract="", **values):
    at = datetime(2025, 1, 1, tzinfo=UTC)
    return Paper(
        **{
            "arxiv_id": "2501.00001",
            "title": title,
            "title_plain": title,
            "abstract_plain": abstract,
            "authors": list(authors),
            "categories": ["cs.CL"],
            "published_at": at,
            "updated_at": at,
            **values,
        }
    )


def flat(text):
    return "".join(c for c in " ".join(text.split()) if c.isprintable())


@given(st.lists(st.lists(tricky, min_size=2, max_size=2), max_size=4))
def test_csv_cells_come_back_and_none_is_a_formula(rows):
    text = "".join(csv.lines(["a", "b"], rows))
    read = list(stdlib_csv.reader(io.StringIO(text, newline="")))
    assert read[0] == ["a", "b"]
    for written, found in zip(rows, read[1:], strict=True):
        assert not any(cell.startswith(FORMULAS) for cell in found)
        assert [
            cell[1:] if original.startswith(FORMULAS) else cell
            for original, cell in zip(written, found, strict=True)
        ] == written


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_keeps_a_spreadsheet_from_running_a_cell(value):
    assert csv.guard(value) == "'" + value


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, "true"),
        (None, ""),
        (7, "7"),
        (datetime(2025, 1, 1, tzinfo=UTC), "2025-01-01T00:00:00+00:00"),
    ],
)
def test_csv_writes_what_is_no_text(value, cell):
    assert csv.guard(value) == cell


# --- Turtle ----------------------------------------------------------------------------

STRING = re.compile(r'"((?:[^"\\\n\r]|\\[tbnrf"\'\\]|\\u[0-9A-F]{4}|\\U[0-9A-F]{8})*)"')
UNESCAPED = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}


def unescape(text):
    def one(match):
        code = match[1]
        return chr(int(code[1:], 16)) if code[0] in "uU" else UNESCAPED.get(code, code)

    return re.sub(r"\\(u[0-9A-F]{4}|U[0-9A-F]{8}|.)", one, text, flags=re.DOTALL)


@given(tricky)
def test_a_turtle_string_comes_back(text):
    written = turtle.term(skos.Literal(text, "en"))
    match = STRING.fullmatch(written.removesuffix("@en"))
    assert match
    assert unescape(match[1]) == text


@given(tricky)
def test_a_turtle_iri_holds_nothing_that_ends_it(text):
    written = turtle.iri(f"http://testserver/{text}")
    assert re.fullmatch(r'<[^\x00-\x20<>"{}|^`\\]*>', written)


def test_a_turtle_block_is_as_in_the_specification():
    node = skos.Node(skos.Iri("http://testserver/a/"))
    node.say("rdf:type", skos.Name("skos:Concept"))
    node.say("skos:prefLabel", skos.Literal('Say "a"', "en"), skos.Literal("あ", "ja"))
    node.say("owl:deprecated", skos.Literal("true", datatype="xsd:boolean"))
    assert turtle.block(node) == (
        "<http://testserver/a/>\n"
        "    a skos:Concept ;\n"
        '    skos:prefLabel "Say \\"a\\""@en ,\n'
        '        "あ"@ja ;\n'
        '    owl:deprecated "true"^^xsd:boolean .\n'
    )


# --- BibTeX ----------------------------------------------------------------------------


def read_bibtex(text):
    """The fields of one entry, by a reader that counts braces as BibTeX does."""
    fields, at = {}, text.index(",") + 1
    while (match := re.compile(r"\s*(\w+) = \{").match(text, at)) is not None:
        depth, end = 1, match.end()
        while depth:
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            end += 1
        fields[match[1]] = text[match.end() : end - 1]
        at = end + 1
    assert text[at:].strip() == "}"
    return fields


def from_tex(text):
    named = {rf"\{name}{{}}": sign for name, sign in (
        ("textbackslash", "\\"), ("textbraceleft", "{"), ("textbraceright", "}"),
        ("textasciitilde", "~"), ("textasciicircum", "^"))}  # fmt: skip
    pattern = "|".join(map(re.escape, named)) + r"|\\([&%$#_])"
    return re.sub(pattern, lambda found: found[1] or named[found[0]], text)


@given(tricky, tricky)
def test_a_bibtex_entry_comes_back(title, doi):
    (entry,) = bibtex.papers([TaggedPaper(paper_of(title, doi=doi))])
    fields = read_bibtex(entry.strip())
    assert from_tex(fields["title"][1:-1]) == flat(title)
    assert from_tex(fields.get("doi", "")) == flat(doi)


@given(st.lists(tricky.filter(flat), min_size=1, max_size=4))
def test_bibtex_counts_as_many_authors_as_there_are(names):
    fields = read_bibtex(citations.of_paper(paper_of(authors=names)))
    depth, outside = 0, ""
    for character in fields["author"]:
        depth += {"{": 1, "}": -1}.get(character, 0)
        outside += character if depth == 0 else "x"
    assert len(re.split(r" and ", outside)) == len(names)


# --- RIS -------------------------------------------------------------------------------


@given(tricky, st.lists(tricky, max_size=3), tricky)
def test_a_ris_record_comes_back(title, authors, abstract):
    (record,) = ris.papers([TaggedPaper(paper_of(title, authors, abstract))])
    lines = record.removesuffix("\r\n\r\n").split("\r\n")
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines)
    read = [(line[:2], line[6:]) for line in lines]
    assert (read[0], read[-1]) == (("TY", "GEN"), ("ER", ""))
    assert [value for tag, value in read if tag == "AU"] == [
        flat(name) for name in authors if name
    ]
    for tag, value in (("TI", title), ("AB", abstract)):
        assert [found for at, found in read if at == tag] == ([flat(value)] if value else [])


# --- JSON, JSON-LD, Atom ---------------------------------------------------------------


@given(tricky, tricky)
def test_json_lines_are_lines(title, abstract):
    (line,) = ndjson.papers([TaggedPaper(paper_of(title, abstract=abstract))])
    assert line.count("\n") == 1
    read = json.loads(line)
    assert (read["title"], read["abstract"]) == (title, abstract)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_json_ld_is_json_whatever_its_length(count):
    papers = [TaggedPaper(paper_of(f"Number {n}")) for n in range(count)]
    read = json.loads("".join(jsonld.papers(papers, skos.Site("http://testserver/"))))
    assert [one["schema:name"]["@value"] for one in read["@graph"]] == [
        f"Number {n}" for n in range(count)
    ]


FEED = feeds.Feed(
    name="papers",
    title="Newest",
    subtitle="",
    language="en",
    page_url="http://testserver/papers/",
    feed_url="http://testserver/feeds/papers/",
    root="http://testserver/",
    host="testserver",
)
ATOM = "{http://www.w3.org/2005/Atom}"


@given(texts, st.lists(texts, max_size=3), texts)
def test_a_feed_is_well_formed_whatever_stands_in_it(title, authors, abstract):
    root = ElementTree.fromstring(feeds.write(FEED, [paper_of(title, authors, abstract)]))
    assert root.find(f"{ATOM}entry/{ATOM}id").text == "tag:testserver,2026:paper/2501.00001"


def test_an_unchanged_feed_is_the_same_bytes():
    assert feeds.write(FEED, []) == feeds.write(FEED, [])
    assert feeds.write(FEED, [paper_of()]) == feeds.write(FEED, [paper_of()])


# --- withdrawn and removed -------------------------------------------------------------

WITHDRAWN = {"withdrawn": True, "version": 3}
REMOVED = {"withdrawn": True, "removed_at": datetime(2025, 5, 4, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("gone", "status"),
    [
        ({}, ""),
        (WITHDRAWN, "Withdrawn in version 3"),
        (REMOVED, "Removed from arXiv on 2025-05-04"),
    ],
)
def test_every_form_says_that_a_paper_is_gone(gone, status):
    paper = paper_of(abstract="We did it.", **gone)
    tagged = TaggedPaper(paper)
    assert read_bibtex(citations.of_paper(paper)).get("note", "") == status
    (record,) = ris.papers([tagged])
    assert ("N1  - " + status in record) is bool(status)
    (article,) = json.loads("".join(jsonld.papers([tagged], skos.Site("http://t/"))))["@graph"]
    assert article.get("schema:creativeWorkStatus", "") == status
    removed_at = "2025-05-04T00:00:00+00:00" if "removed_at" in gone else ""
    (line,) = ndjson.papers([tagged])
    assert (json.loads(line)["removed_at"] or "") == removed_at
    (row,) = stdlib_csv.DictReader(io.StringIO("".join(csv.papers([tagged])), newline=""))
    assert (row["withdrawn"], row["removed_at"]) == (
        "true" if gone else "false",
        removed_at,
    )
    entry = ElementTree.fromstring(feeds.write(FEED, [paper])).find(f"{ATOM}entry")
    summary = f"{status}. We did it." if status else "We did it."
    assert entry.find(f"{ATOM}summary").text == summary
    assert entry.find(f"{ATOM}updated").text.startswith(
        "2025-05-04" if "removed_at" in gone else "2025-01-01"
    )
