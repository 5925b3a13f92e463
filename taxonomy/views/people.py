"""Signing in with a password or a login link, and signing out."""

import contextlib
import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import people, queue
from taxonomy.models import User
from taxonomy.views.http import PageRequest

# Wrong passwords in WINDOW seconds: for one account from one address, and from one address.
WINDOW = 300
PER_ACCOUNT = 5
PER_ADDRESS = 30

DECIDE = "taxonomy.add_decision"
BACKEND = "django.contrib.auth.backends.ModelBackend"


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: PageRequest) -> HttpResponse:
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward or _home(request.user))
    attempts = Attempts(request)
    form, status = AuthenticationForm(request), 200
    if request.method == "POST":
        if attempts.too_many():
            status = 429
        else:
            form = AuthenticationForm(request, data=request.POST)
            if form.is_valid():
                attempts.forget()
                login(request, form.get_user())
                return redirect(onward or _home(form.get_user()))
            attempts.add()
    context = {"form": form, "refused": status == 429, "minutes": WINDOW // 60}
    response = render(request, "people/login.html", context, status=status)
    if status == 429:
        response["Retry-After"] = str(WINDOW)
    return response


@never_cache
@require_safe
def sign_in_to_admin(request: PageRequest) -> HttpResponse:
    """The admin's own sign-in page counts no wrong passwords, so it is not used."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next") or reverse("admin:index"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_by_link(request: PageRequest, secret: str) -> HttpResponse:
    """GET only asks: a mail scanner or a prefetching browser must not use the link up."""
    if request.method == "POST":
        user = people.redeem(secret)
        if user is not None:
            login(request, user, backend=BACKEND)
            return redirect(_home(user))
        link = None
    else:
        link = people.find_login_link(secret)
    status = 200 if link else 410
    return render(request, "people/login_link.html", {"link": link}, status=status)


@require_POST
def sign_out(request: PageRequest) -> HttpResponse:
    if request.user.is_authenticated:
        queue.release(request.user)
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect(settings.LOGOUT_REDIRECT_URL)


class Attempts:
    """Wrong passwords lately, for this account from this address and from this address."""

    def __init__(self, request: PageRequest) -> None:
        address = request.META.get("REMOTE_ADDR", "")
        account = request.POST.get("username", "").casefold()
        self.limits = {
            _key("address", address): PER_ADDRESS,
            _key("account", account, address): PER_ACCOUNT,
        }

    def too_many(self) -> bool:
        found = cache.get_many(self.limits)
        return any(found.get(key, 0) >= limit for key, limit in self.limits.items())

    def add(self) -> None:
        for key in self.limits:
            cache.add(key, 0, WINDOW)
            with contextlib.suppress(ValueError):  # it has just run out
                cache.incr(key)

    def forget(self) -> None:
        """The right password clears the account's count, not the address's."""
        cache.delete(list(self.limits)[1])


def _key(*parts: str) -> str:
    digest = hashlib.sha256("\x00".join(parts).encode()).hexdigest()
    return f"sign-in:{digest}"


def _onward(request: PageRequest) -> str:
    """Where they wanted to go, if it is a page of ours; else empty."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return asked
    return ""


def _home(user: User | AnonymousUser) -> str:
    """The desk for curators, the atlas for everyone else."""
    return resolve_url("taxonomy:review" if user.has_perm(DECIDE) else "taxonomy:atlas")
