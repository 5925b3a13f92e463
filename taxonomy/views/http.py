"""The request as the middleware leaves it, and who may make it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from taxonomy.models import User

View = Callable[..., HttpResponse]


class PageRequest(HttpRequest):
    htmx: HtmxDetails
    user: User | AnonymousUser


class CuratorRequest(PageRequest):
    user: User


def only_with(permission: str, start: str) -> Callable[[View], View]:
    """Who has the permission gets in; who is not signed in may do so first; others are refused.

    `start` names the page to come back to after what was not a plain reading.
    """

    def guard(view: View) -> View:
        @wraps(view)
        def checked(request: CuratorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                safe = request.method in {"GET", "HEAD"}
                to_login = redirect_to_login(
                    request.get_full_path() if safe else resolve_url(start)
                )
                # Inside a swap the sign-in page would land in the middle of the page.
                return HttpResponseClientRedirect(to_login.url) if request.htmx else to_login
            if not request.user.has_perm(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        return checked

    return guard


curators_only = only_with("taxonomy.add_decision", "taxonomy:review")
