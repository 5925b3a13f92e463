"""What every page may say about arXiv."""

from django.http import HttpRequest


def arxiv_status(request: HttpRequest) -> dict[str, object]:
    return {}
