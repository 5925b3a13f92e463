"""Hostile lines of a snapshot: the same papers as over the network, and lines that are none."""

from io import StringIO

import pytest
from django.core.management import call_command

from ingest.models import Harvest, Refusal
from taxonomy.models import Paper
from tests.ingest.hostile import AFTER, BEFORE, Snapshot, Work
from tests.ingest.test_hostile import HARMLESS, REFUSED

# What is blanked or cut in an answer has no place in a file.
STRICTER = {
    "null bytes and controls": "a null byte in a text",
    "a lone surrogate": "half a character|surrogate",
    "a comment of megabytes": "more than 4,194,304 bytes",
}
OTHER_WORDS = "more than 4,194,304 bytes|no list of versions|a null byte in a text"
# What is in the markup of an answer has no place in a line of JSON.
MARKED = {name for name, case in {**HARMLESS, **REFUSED}.items() if "markup" in case[0]}
LINES = {
    "half a line": (Snapshot.record(Work())[:100] + b"\n", "not JSON"),
    "a list": (b"[1, 2]\n", "not a JSON object"),
    "a number without end": (b"9" * 5_000 + b"\n", "not a JSON object|not JSON|limit"),
    "a hundred thousand levels": (b"[" * 100_000 + b"]" * 100_000 + b"\n", "too deeply"),
    "not UTF-8": (Snapshot.record(Work()).replace(b"made-up", b"m\xe4de"), "not UTF-8"),
    "null bytes": (b"\x00" * 100 + b"\n", "not JSON"),
    "numbers for texts": (b'{"id": 2506.00002, "title": 7}\n', "is no text"),
    "nothing said": (b"{}\n", "is no arXiv id"),
    "a line of megabytes": (
        b'{"id": "' + b"7" * 5_000_000 + b'"}\n',
        "more than 4,194,304 bytes",
    ),
}


@pytest.fixture
def load(transactional_db, tmp_path):
    """Load a snapshot with this line between two good ones; the run."""

    def run(line):
        path = tmp_path / "snapshot.json"
        path.write_bytes(Snapshot.record(BEFORE) + line + Snapshot.record(AFTER))
        call_command("import_snapshot", str(path), stdout=StringIO())
        return Harvest.objects.get()

    return run


def account(run):
    return run.state, run.received, run.new, run.refused


@pytest.mark.parametrize("case", sorted(HARMLESS.keys() - MARKED - STRICTER.keys()))
def test_what_can_be_made_harmless_is_taken_in(load, case):
    values, expected = HARMLESS[case]
    assert account(load(Snapshot.record(Work(**values)))) == ("done", 3, 3, 0)
    paper = Paper.objects.get(arxiv_id="2506.00002")
    assert {name: getattr(paper, name) for name in expected} == expected


@pytest.mark.parametrize("case", sorted(STRICTER))
def test_what_no_snapshot_has_is_refused(load, case):
    values, _ = HARMLESS[case]
    assert account(load(Snapshot.record(Work(**values)))) == ("done", 3, 2, 1)
    with pytest.raises(ValueError, match=STRICTER[case]):
        raise ValueError(Refusal.objects.get().reason)


@pytest.mark.parametrize("case", sorted(REFUSED.keys() - MARKED))
def test_what_cannot_be_is_refused_with_its_reason_and_the_others_are_kept(load, case):
    values, reason = REFUSED[case]
    assert account(load(Snapshot.record(Work(**values)))) == ("done", 3, 2, 1)
    with pytest.raises(ValueError, match=f"{reason}|{OTHER_WORDS}"):
        raise ValueError(Refusal.objects.get().reason)


@pytest.mark.parametrize("case", sorted(LINES))
def test_a_line_that_is_no_record_is_refused_and_the_others_are_kept(load, case):
    line, reason = LINES[case]
    assert account(load(line)) == ("done", 3, 2, 1)
    refusal = Refusal.objects.get()
    assert len(refusal.raw) <= 20_000
    with pytest.raises(ValueError, match=reason):
        raise ValueError(refusal.reason)
