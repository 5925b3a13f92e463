"""One's own account: how one signs in, where one is signed in, tokens, and the end of it."""

from datetime import timedelta

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import get_adapter as get_identities
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import people, queue
from taxonomy.errors import LastAdmin
from taxonomy.forms.people import TokenForm
from taxonomy.models import User
from taxonomy.views.http import CuratorRequest, members_only


@never_cache
@members_only("account")
@require_safe
def account(request: CuratorRequest) -> HttpResponse:
    """Every way in, and whether it is open."""
    factors = list(Authenticator.objects.filter(user=request.user).order_by("pk"))
    kinds = Authenticator.Type
    context = {
        "role": people.role_of(request.user),
        "addresses": EmailAddress.objects.filter(user=request.user).order_by("-verified", "pk"),
        "passkeys": [one.wrap() for one in factors if one.type == kinds.WEBAUTHN],
        "app": next((one for one in factors if one.type == kinds.TOTP), None),
        "codes": next(
            (one.wrap() for one in factors if one.type == kinds.RECOVERY_CODES), None
        ),
        "identities": SocialAccount.objects.filter(user=request.user),
        "providers": get_identities().list_providers(request),
    }
    return render(request, "people/account.html", context)


@never_cache
@members_only("sessions")
@require_safe
def sessions(request: CuratorRequest) -> HttpResponse:
    context = {
        "sessions": people.sessions_of(request.user),
        "current": request.session.session_key,
    }
    return render(request, "people/sessions.html", context)


@members_only("sessions")
@require_POST
def end(request: CuratorRequest, public_id: str) -> HttpResponse:
    if people.end_session(request.user, public_id):
        messages.success(request, _("That session is signed out."))
    return redirect("sessions")


@members_only("sessions")
@require_POST
def end_others(request: CuratorRequest) -> HttpResponse:
    people.end_other_sessions(request.user, request.session.session_key)
    messages.success(request, _("You are signed out everywhere else."))
    return redirect("sessions")


@never_cache
@members_only("tokens")
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required(allow_get=True)  # type: ignore[untyped-decorator]
def tokens(request: CuratorRequest) -> HttpResponse:
    """The secret stands in the answer to the POST and nowhere else, so there is no redirect."""
    form, secret = TokenForm(request.user, request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        secret = people.issue_token(
            request.user,
            form.cleaned_data["name"],
            form.cleaned_data["scope"],
            timezone.now() + timedelta(days=days) if days else None,
        )
        form = TokenForm(request.user)
    context = {
        "form": form,
        "secret": secret,
        "tokens": request.user.api_tokens.order_by("-pk"),
        "now": timezone.now(),
    }
    return render(request, "people/tokens.html", context)


@members_only("tokens")
@require_POST
def revoke(request: CuratorRequest, pk: int) -> HttpResponse:
    if people.revoke_token(request.user, pk):
        messages.success(request, _("The token is revoked."))
    return redirect("tokens")


@never_cache
@members_only("delete-account")
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def delete(request: CuratorRequest) -> HttpResponse:
    """Asks for the name, so that nobody deletes an account by a slip."""
    wrong = refused = ""
    if request.method == "POST":
        if request.POST.get("username") != request.user.username:
            wrong = _("This is not the name of your account.")
        else:
            try:
                _delete(request)
            except LastAdmin as error:
                refused = str(error)
            else:
                messages.success(request, _("Your account is deleted."))
                return redirect("taxonomy:atlas")
    context = {
        "wrong": wrong,
        "refused": refused,
        "decisions": request.user.decisions.count(),
    }
    return render(request, "people/delete.html", context)


def _delete(request: CuratorRequest) -> None:
    user = User.objects.get(pk=request.user.pk)
    people.delete_account(user)
    queue.release(user)
    logout(request)
