"""The data as files, from the command line."""

import io
import json

import pytest
from django.core.management import CommandError, call_command

from tests.factories import ConceptFactory, PaperFactory


def export(*args):
    out = io.StringIO()
    call_command("export", *args, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("csv", "arxiv_id,"),
        ("ndjson", '{"arxiv_id"'),
        ("bibtex", "@misc{"),
        ("ris", "TY  - GEN"),
        ("jsonld", '{"@context"'),
        ("skos-ttl", "@prefix dct:"),
    ],
)
def test_every_format_is_written(db, form, start):
    PaperFactory()
    ConceptFactory()
    assert export("--format", form).startswith(start)


def test_concepts_and_tags_as_rows(db):
    ConceptFactory(slug="latency")
    found = json.loads(export("--format", "ndjson", "--what", "concepts"))
    assert found["slug"] == "latency"
    assert export("--format", "csv", "--what", "tags").startswith("arxiv_id,concept")
    with pytest.raises(CommandError, match="csv and ndjson"):
        export("--format", "ris", "--what", "tags")


def test_the_site_of_addresses_is_chosen(db):
    ConceptFactory(slug="latency")
    text = export("--format", "skos-ttl", "--site", "https://kadai.example")
    assert "<https://kadai.example/challenges/latency/>" in text


def test_a_file_is_written_whole(db, tmp_path):
    PaperFactory.create_batch(3)
    file = tmp_path / "papers.csv"
    assert export("--format", "csv", "--output", str(file)) == ""
    assert len(file.read_bytes().split(b"\r\n")) == 5  # head, three papers, the end
    assert list(tmp_path.iterdir()) == [file]


def test_where_nothing_can_be_written_one_line_says_so(db, tmp_path):
    with pytest.raises(CommandError, match=r"Cannot write .*: No such file"):
        export("--format", "csv", "--output", str(tmp_path / "nowhere" / "papers.csv"))
