"""Addresses that do not depend on the caller's language: a resource has one."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import override
from rest_framework.request import Request

from taxonomy.interchange.skos import Site
from taxonomy.models import Paper
from taxonomy.vocabulary import Term


def site_of(request: Request | HttpRequest) -> Site:
    """The root below which concepts have their addresses, as the caller knows us."""
    with override(settings.LANGUAGE_CODE):
        return Site(request.build_absolute_uri(reverse("taxonomy:atlas")))


def page_of(request: Request, shown: Term | Paper) -> str:
    """The page for people."""
    with override(settings.LANGUAGE_CODE):
        path = shown.url if isinstance(shown, Term) else shown.get_absolute_url()
    return str(request.build_absolute_uri(path))


def search_page(request: Request, search: str) -> str:
    """The paper list with these filters."""
    with override(settings.LANGUAGE_CODE):
        path = f"{reverse('taxonomy:papers')}?{search}"
    return str(request.build_absolute_uri(path))


def comment_page(request: Request, pk: int) -> str:
    """Where the comment stands."""
    with override(settings.LANGUAGE_CODE):
        path = reverse("taxonomy:comment", args=[pk])
    return str(request.build_absolute_uri(path))
