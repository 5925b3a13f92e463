"""The file of a snapshot: its lines, its chunks, how it is known again."""

import contextlib
import gzip
import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import snapshot_file
from ingest.snapshot import LONGEST_LINE
from ingest.snapshot_file import Damaged, SnapshotFile


def lines_of(file, done=()):
    return [line for chunk in file.chunks(done) for line in chunk.lines]


@pytest.fixture
def opened(tmp_path):
    """Makes a file of these bytes and opens it; all are closed in the end."""
    with contextlib.ExitStack() as stack:

        def make(body):
            path = tmp_path / "snapshot.json"
            path.write_bytes(body)
            return stack.enter_context(contextlib.closing(SnapshotFile.open(str(path))))

        yield make


@pytest.fixture
def _threes(monkeypatch):
    monkeypatch.setattr(snapshot_file, "LINES", 3)


@pytest.mark.parametrize("ending", [b"", b"\n"])
def test_lines_come_the_same_plain_and_compressed(opened, ending):
    body = b"\n".join(b"line %d" % n for n in range(50_000)) + ending
    plain = lines_of(opened(body))
    assert plain == body.splitlines()
    assert lines_of(opened(gzip.compress(body))) == plain
    halves = gzip.compress(body[:99_999]) + gzip.compress(body[99_999:]) + b"\x00" * 512
    assert lines_of(opened(halves)) == plain


@pytest.mark.usefixtures("_threes")
def test_chunks_say_which_lines_they_hold_and_leave_out_what_is_done(opened):
    file = opened(b"a\nb\n\nd\ne\nf\ng\nh\n")
    assert [(c.span, c.lines) for c in file.chunks([(0, 1), (4, 6)])] == [
        ((1, 4), (b"b", b"", b"d")),
        ((6, 8), (b"g", b"h")),
    ]


@pytest.mark.usefixtures("_threes")
@given(
    st.lists(st.binary(max_size=5).map(lambda b: b.replace(b"\n", b"")), max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(1, 6)), max_size=4),
)
def test_done_and_chunks_together_are_each_line_once(tmp_path_factory, lines, spans):
    done, end = [], 0
    for first, length in sorted(spans):
        if first >= end:
            end = first + length
            done.append((first, end))
    path = tmp_path_factory.mktemp("any") / "file"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    with contextlib.closing(SnapshotFile.open(str(path))) as file:
        came = [n for c in file.chunks(done) for n in range(*c.span)]
    left = [n for n in range(len(lines)) if not any(a <= n < b for a, b in done)]
    assert came == left


def test_a_line_without_end_is_cut_and_the_next_is_whole(opened):
    long, after = lines_of(opened(gzip.compress(b"x" * 30_000_000 + b"\nnext")))
    assert (len(long), after) == (LONGEST_LINE + 1, b"next")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda body: body[:-20], "cut off"),
        (lambda body: body[:50] + b"??" + body[52:], "damaged"),
    ],
)
def test_a_damaged_file_says_so_after_what_was_whole(opened, change, message):
    body = gzip.compress(b"".join(b"%d\n" % (n * n) for n in range(100_000)))
    with pytest.raises(Damaged, match=message):
        lines_of(opened(change(body)))


def test_a_file_is_known_by_size_beginning_and_end(opened):
    body = bytes(range(256)) * 2_000
    marks = {
        opened(changed).fingerprint
        for changed in (body, body + b"x", b"x" + body[1:], body[:-1] + b"x", body)
    }
    assert len(marks) == 4


def test_an_empty_file_has_no_lines(opened):
    assert lines_of(opened(b"")) == []


def test_progress_is_told_by_the_bytes_that_were_read(opened):
    file = opened(gzip.compress(b"line\n" * 1000))
    assert file.position == 0
    lines_of(file)
    assert file.position == file.size


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_known_by_its_beginning(monkeypatch, pack):
    marks = []
    for _ in range(2):
        body = pack(b"line\n" * 50_000)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(body)))
        file = SnapshotFile.open("-")
        assert (file.name, file.size) == ("stdin", None)
        assert len(lines_of(file)) == 50_000
        file.close()
        marks.append(file.fingerprint)
    assert marks[0] == marks[1]
