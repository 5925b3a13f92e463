"""allauth's pages, as they are let out here."""

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from taxonomy.errors import SecretUnreadable
from taxonomy.people.limits import Limit
from taxonomy.views.http import View, client_address


def a_form(view: View) -> View:
    """Looked at and sent, nothing else: Django takes a PUT of a form for a POST."""
    return require_http_methods(["GET", "HEAD", "POST"])(view)


def with_codes(view: View) -> View:
    """A page of recovery codes that cannot be read any more offers new ones."""

    @wraps(view)
    def tried(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except SecretUnreadable:
            return render(request, "mfa/recovery_codes/unreadable.html")

    return tried


def limited(view: View, what: str, tries: int = 30, seconds: int = 300) -> View:
    """POSTs beyond so many from one address are refused, counted over all processes."""
    limit = Limit(what, tries=tries, seconds=seconds)

    @a_form
    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not limit.spend(client_address(request)):
            context = {"minutes": seconds // 60}
            response = render(request, "people/too_many.html", context, status=429)
            response["Retry-After"] = str(seconds)
            return response
        return view(request, *args, **kwargs)

    return counted
