"""The request as the middleware leaves it, and who may make it."""

import ipaddress
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from taxonomy.models import User

View = Callable[..., HttpResponse]
DECIDE = "taxonomy.add_decision"


class PageRequest(HttpRequest):
    htmx: HtmxDetails
    user: User | AnonymousUser


class CuratorRequest(PageRequest):
    user: User


def client_address(request: HttpRequest) -> str:
    """Where the request comes from; X-Forwarded-For counts as far as KADAI_PROXIES wrote it.

    Of an IPv6 address the network: one host has 2**64 of them. Empty on a Unix socket.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if settings.KADAI_PROXIES and forwarded != [""]:
        address = forwarded[-min(settings.KADAI_PROXIES, len(forwarded))].strip()
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if found.version == 6:
        return str(ipaddress.ip_network((found, 64), strict=False).network_address)
    return str(found)


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


def members_only(start: str) -> Callable[[View], View]:
    """Who is signed in gets in, whatever their role."""

    def guard(view: View) -> View:
        @wraps(view)
        def checked(request: CuratorRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                safe = request.method in {"GET", "HEAD"}
                to_login = redirect_to_login(
                    request.get_full_path() if safe else resolve_url(start)
                )
                return HttpResponseClientRedirect(to_login.url) if request.htmx else to_login
            return view(request, *args, **kwargs)

        return checked

    return guard


def home_of(user: Any) -> str:
    """Where someone goes who has just signed in: curators to the desk, others to the atlas."""
    return resolve_url("taxonomy:review" if user.has_perm(DECIDE) else "taxonomy:atlas")


curators_only = only_with(DECIDE, "taxonomy:review")
