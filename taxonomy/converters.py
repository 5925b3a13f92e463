"""What an arXiv id looks like in a path."""

from django.urls import register_converter


class ArxivId:
    """2307.10169, math/0611800.

    With `arXiv:` before it, a version or a subject class the view resolves it.
    """

    regex = (
        r"(?:[aA][rR][xX][iI][vV]:)?"
        r"(?:[0-9]{4}\.[0-9]{4,5}|[a-z-]+(?:\.[A-Za-z]{2})?/[0-9]{7})(?:v[0-9]+)?"
    )

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ArxivId, "arxiv_id")
