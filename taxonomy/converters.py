"""What an arXiv id looks like in a path."""

from django.urls import register_converter


class ArxivId:
    """2307.10169, math/0611800; with a version or a subject class the view resolves it."""

    regex = r"[0-9]{4}\.[0-9]{4,5}(?:v[0-9]+)?|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}(?:v[0-9]+)?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ArxivId, "arxiv_id")
