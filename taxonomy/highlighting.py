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
    weighty = sorted(spans, key=lambda span: span.weight)[::-1]
    inside = [at for span in weighty for at in (span.start, span.end) if 0 < at < len(text)]
    cuts = [0, *sorted({*inside}), len(text)]
    pieces: list[Piece] = []
    begin, owner = 0, _owner(weighty, 0)
    for at in cuts[1:]:
        following = _owner(weighty, at) if at < len(text) else None
        if at < len(text) and following is owner:
            continue
        if run := text[begin:at]:
            pieces.append(Piece(run, owner.hue, owner.label) if owner else Piece(run))
        begin, owner = at, following
    return pieces


def _owner(weighty: list[Span], at: int) -> Span | None:
    return next((span for span in weighty if span.start <= at < span.end), None)
