"""A text cut at its evidence loses and adds nothing."""

from hypothesis import given
from hypothesis import strategies as st

from taxonomy.highlighting import Piece, Span, segments

SPANS = st.builds(
    Span,
    st.integers(-5, 60),
    st.integers(-5, 60),
    st.sampled_from(["design", "science"]),
    st.just("label"),
    st.floats(0, 1),
)


@given(st.text(max_size=50), st.lists(SPANS, max_size=6))
def test_the_pieces_are_the_text(text, spans):
    pieces = segments(text, spans)
    assert "".join(piece.text for piece in pieces) == text
    assert all(piece.text for piece in pieces if text)


def test_the_weightier_span_keeps_the_ground():
    light = Span(0, 5, "design", "a", 0.2)
    heavy = Span(3, 8, "science", "b", 0.9)
    assert segments("abcdefghij", [heavy, light]) == [
        Piece("abc", "design", "a"),
        Piece("defgh", "science", "b"),
        Piece("ij"),
    ]
