"""A text cut at its evidence: what a suggester rested on, ready to be marked."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Span:
    """A stretch of the text, in characters, that speaks for a concept of this hue."""

    start: int
    end: int
    hue: str
    label: str = ""
    weight: float = 0.0


@dataclass(frozen=True)
class Piece:
    """A run of text; `hue` is empty where nothing is marked."""

    text: str
    hue: str = ""
    label: str = ""


def segments(text: str, spans: Iterable[Span]) -> list[Piece]:
    """The whole text in order. Where spans overlap, the weightier one keeps the ground."""
    ground: list[Span | None] = [None] * len(text)
    for span in sorted(spans, key=lambda span: span.weight):
        for at in range(max(span.start, 0), min(span.end, len(text))):
            ground[at] = span
    pieces: list[Piece] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at < len(text) and ground[at] is ground[begin]:
            continue
        owner = ground[begin]
        run = text[begin:at]
        pieces.append(Piece(run, owner.hue, owner.label) if owner else Piece(run))
        begin = at
    return pieces
