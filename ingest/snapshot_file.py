"""The file of a snapshot, in chunks of numbered lines; gzip, plain, or standard input.

Plain Python. However long the file or one of its lines is, a chunk at a time is in memory.
"""

import hashlib
import sys
import zlib
from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, Self, TypeAlias

from ingest.snapshot import LONGEST_LINE

LINES: Final = 1_000  # a chunk, at most
BYTES: Final = 8 * 1024 * 1024  # a chunk, about, at most
STDIN: Final = "-"
_BLOCK = 256 * 1024
_EDGE = 64 * 1024  # of the beginning and of the end go into the fingerprint
_GZIP = b"\x1f\x8b"

Span: TypeAlias = tuple[int, int]  # lines from the first to before the second; the first is 0


class Damaged(Exception):
    """The file is cut off, or no gzip though it begins like it."""


@dataclass(frozen=True)
class Chunk:
    """Consecutive lines; empty ones count as lines and hold nothing."""

    span: Span
    lines: tuple[bytes, ...]


@dataclass
class SnapshotFile:
    """An open file, known again by its name, its size, its beginning and its end.

    Of standard input only the beginning can be looked at before it is read.
    """

    name: str
    fingerprint: str
    size: int | None  # bytes; None: not known before the end
    file: BinaryIO
    beginning: bytes
    position: int = field(default=0, init=False)  # bytes of the file that were read

    @classmethod
    def open(cls, name: str) -> Self:
        """Raises OSError. The caller closes it."""
        if name == STDIN:
            beginning = sys.stdin.buffer.read(_EDGE)
            known_by = hashlib.sha256(beginning).hexdigest()[:16]
            return cls("stdin", known_by, None, sys.stdin.buffer, beginning)
        path = Path(name)
        file = path.open("rb")
        size = path.stat().st_size
        mark = hashlib.sha256(str(size).encode() + file.read(_EDGE))
        file.seek(max(0, size - _EDGE))
        mark.update(file.read(_EDGE))
        file.seek(0)
        return cls(path.name, mark.hexdigest()[:16], size, file, b"")

    def close(self) -> None:
        if self.file is not sys.stdin.buffer:
            self.file.close()

    def chunks(self, done: Collection[Span] = ()) -> Iterator[Chunk]:
        """All lines in order, without the spans that are done. Raises Damaged or OSError."""
        skip = deque(sorted(done))
        lines: list[bytes] = []
        first = held = 0
        for number, line in enumerate(_lines(self._text())):
            while skip and number >= skip[0][1]:
                skip.popleft()
            is_done = bool(skip) and number >= skip[0][0]
            if lines and (is_done or len(lines) >= LINES or held >= BYTES):
                yield Chunk((first, number), tuple(lines))
                lines, held = [], 0
            if is_done:
                continue
            if not lines:
                first = number
            lines.append(line)
            held += len(line)
        if lines:
            yield Chunk((first, first + len(lines)), tuple(lines))

    def _text(self) -> Iterator[bytes]:
        blocks = self._blocks()
        start = next(blocks, b"")
        whole = _joined(start, blocks)
        return _unpacked(whole) if start.startswith(_GZIP) else whole

    def _blocks(self) -> Iterator[bytes]:
        if self.beginning:
            self.position = len(self.beginning)
            yield self.beginning
        while block := self.file.read(_BLOCK):
            self.position += len(block)
            yield block


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _unpacked(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """What the gzip members hold, one after another, a bounded piece at a time."""
    member = zlib.decompressobj(wbits=31)
    try:
        for block in blocks:
            rest = block
            while rest:
                if member.eof:
                    if not rest.strip(b"\x00"):  # padding
                        break
                    member = zlib.decompressobj(wbits=31)
                yield member.decompress(rest, 4 * _BLOCK)
                rest = member.unused_data if member.eof else member.unconsumed_tail
    except zlib.error as error:
        raise Damaged(f"the file is damaged: {error}") from error
    if not member.eof:
        raise Damaged("the file is cut off in the middle")


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """One after another, without their ends. Of one that is too long only the start is kept."""
    carried = b""
    for piece in pieces:
        *whole, last = piece.split(b"\n")
        if not whole:
            carried = _begun(carried, last)
            continue
        yield _begun(carried, whole[0])
        yield from whole[1:]
        carried = last
    if carried:
        yield carried


def _begun(start: bytes, more: bytes) -> bytes:
    room = LONGEST_LINE + 1 - len(start)
    return start + more[: max(room, 0)] if more else start
