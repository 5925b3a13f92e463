"""Signing in with a password or a login link, accepting an invitation, signing out."""

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_password_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.views import request_login_code
from allauth.socialaccount.adapter import get_adapter as get_identities
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import people, queue
from taxonomy.errors import NameTaken
from taxonomy.forms.people import NameForm
from taxonomy.models import User
from taxonomy.people.limits import Limit
from taxonomy.views.http import PageRequest, client_address, home_of

# Passwords tried in WINDOW seconds: for one account from one address, and from one address;
# and in an hour for one account from anywhere.
WINDOW = 300
PER_ACCOUNT = Limit("password of account at address", tries=5, seconds=WINDOW)
PER_ADDRESS = Limit("password at address", tries=30, seconds=WINDOW)
FROM_ANYWHERE = Limit("password of account", tries=50, seconds=3600)


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: PageRequest) -> HttpResponse:
    onward = _onward(request)
    if request.user.is_authenticated:
        return redirect(onward or home_of(request.user))
    form, refused = AuthenticationForm(request), False
    if request.method == "POST":
        refused = not _may_try(request)
        if not refused:
            form = AuthenticationForm(request, data=request.POST)
            if form.is_valid():
                return _admit(request, form, onward)
    context = {
        "form": form,
        "refused": refused,
        "minutes": WINDOW // 60,
        "onward": onward,
        "providers": get_identities().list_providers(request),
    }
    response = render(request, "people/login.html", context, status=429 if refused else 200)
    if refused:
        response["Retry-After"] = str(WINDOW)
    return response


def _admit(request: PageRequest, form: AuthenticationForm, onward: str) -> HttpResponse:
    """The password was right; an account with a second factor is asked for it next."""
    user = form.get_user()
    account = user.get_username()
    PER_ACCOUNT.forget(_account(request), client_address(request))
    login = Login(user=user, redirect_url=onward or home_of(user))
    response: HttpResponse = perform_password_login(request, {"username": account}, login)
    return response


def _may_try(request: PageRequest) -> bool:
    """Counts the try. The address's count is not cleared by a right password."""
    address = client_address(request)
    return (
        PER_ADDRESS.spend(address)
        and PER_ACCOUNT.spend(_account(request), address)
        and FROM_ANYWHERE.spend(_account(request))
    )


def _account(request: PageRequest) -> str:
    """The name as the form will read it: blanks round it or wide letters begin no new count."""
    asked = request.POST.get("username", "").strip()
    return str(User.normalize_username(asked)).casefold()


def request_code(request: PageRequest) -> HttpResponse:
    """A code by e-mail. Another address takes the place of the one that was given before."""
    if request.method == "POST":
        clear_login(request)
    response: HttpResponse = request_login_code(request)
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
    """GET only asks: a mail scanner or a prefetching browser must not use the link up.

    Only who has a terminal on the server makes such links, so no second factor is asked for:
    it is the way back for who has lost one.
    """
    if request.method == "POST":
        user = people.redeem(secret)
        if user is not None:
            get_adapter().login(request, user)
            return redirect(home_of(user))
        link = None
    else:
        link = people.find_login_link(secret)
    status = 200 if link else 410
    return render(request, "people/login_link.html", {"link": link}, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: PageRequest, secret: str) -> HttpResponse:
    """An invitation: GET asks for a name, POST makes the account and signs it in."""
    invitation = people.find_invitation(secret)
    form = NameForm(request.POST or None)
    if invitation and request.method == "POST" and form.is_valid():
        try:
            user = people.accept(secret, form.cleaned_data["username"])
        except NameTaken as taken:  # a moment ago it was free
            form.add_error("username", str(taken))
        else:
            if user is not None:
                get_adapter().login(request, user)
                messages.success(
                    request, _("Welcome. Add a way to come back: a passkey is best.")
                )
                return redirect("account")
            invitation = None
    context = {
        "invitation": invitation,
        "form": form,
        "role": people.Role(invitation.role) if invitation else None,
    }
    return render(request, "people/join.html", context, status=200 if invitation else 410)


@require_POST
def sign_out(request: PageRequest) -> HttpResponse:
    if request.user.is_authenticated:
        queue.release(request.user)
    onward = _onward(request)
    logout(request)
    messages.success(request, _("You are signed out."))
    return redirect(onward or settings.LOGOUT_REDIRECT_URL)


def _onward(request: PageRequest) -> str:
    """Where they wanted to go, if it is a page of ours; else empty."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    if url_has_allowed_host_and_scheme(
        asked, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return asked
    return ""
