"""Following something by one button, and the page of all that one follows."""

from dataclasses import dataclass

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxonomy import vocabulary
from taxonomy.errors import FollowsTooMuch
from taxonomy.forms.talk import FollowForm, SubscriptionForm
from taxonomy.models import Follow, Subscription
from taxonomy.talk import following
from taxonomy.talk.following import Target
from taxonomy.talk.words import search_label
from taxonomy.views.browsing import Browse
from taxonomy.views.http import CuratorRequest, PageRequest, members_only
from taxonomy.vocabulary import Vocabulary, active_language

PAGE = 50


@dataclass(frozen=True)
class FollowButton:
    """Follow, or stop: `field` and `value` say what, `row` is there while it is followed."""

    field: str
    value: str
    back: str
    row: Follow | None = None


@dataclass(frozen=True)
class FollowLine:
    """One thing on the page of all."""

    row: Follow
    kind: str
    title: str
    language: str
    url: str


def button(request: PageRequest, field: str, value: str, target: Target) -> FollowButton:
    """The button of a page. One query for whoever is signed in."""
    row = following.followed(request.user, target) if request.user.is_authenticated else None
    return FollowButton(field, value, request.get_full_path(), row)


def search_button(request: PageRequest, browse: Browse) -> FollowButton | None:
    """Of the paper list; None where nothing is asked for. Leads back to its first page."""
    if not browse.is_filtered:
        return None
    found = button(request, "search", browse.saved, Target(search=browse.saved))
    return FollowButton(found.field, found.value, browse.url(), found.row)


@members_only("taxonomy:following")
@require_POST
def follow(request: CuratorRequest) -> HttpResponse:
    """Answers with the button, which now stops; without htmx, by going back."""
    form = FollowForm(_tidied(request.POST))
    target = form.target() if form.is_valid() else None
    if target is None:
        raise Http404(_("There is no such thing to follow."))
    try:
        row = following.follow(request.user, target)
    except FollowsTooMuch as error:
        if request.htmx:
            return HttpResponse(str(error), status=409, content_type="text/plain")
        messages.warning(request, str(error))
        return redirect(_back(request))
    return _answer(request, row, _("You follow this now. News of it comes to your inbox."))


@members_only("taxonomy:following")
@require_POST
def unfollow(request: CuratorRequest, pk: int) -> HttpResponse:
    following.unfollow(request.user, pk)
    return _answer(request, None, _("You no longer follow this."))


@never_cache
@members_only("taxonomy:following")
@require_safe
def overview(request: CuratorRequest) -> HttpResponse:
    rows = Follow.objects.of(request.user)
    before = request.GET.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    found = list(rows[: PAGE + 1])
    terms = vocabulary.current()
    wanted = Subscription.objects.filter(user=request.user).first()
    mail = {
        "every": wanted.every if wanted else Subscription.Every.NEVER,
        "language": wanted.language if wanted else active_language(),
    }
    addresses = EmailAddress.objects.filter(user=request.user, verified=True)
    context = {
        "mail": SubscriptionForm(initial=mail),
        "address": addresses.order_by("-primary", "pk").first(),
        "has_feed": bool(wanted and wanted.feed_hash),
        "lines": [_line(row, terms) for row in found[:PAGE]],
        "older": found[PAGE - 1].pk if len(found) > PAGE else None,
        "is_first_page": not before,
    }
    return render(request, "talk/following.html", context)


def _tidied(given: QueryDict) -> QueryDict:
    """A search as the paper list itself would write it, so that it is followed once."""
    values = given.copy()
    values["search"] = Browse.from_query(QueryDict(given.get("search", ""))).saved
    return values


def _answer(request: CuratorRequest, row: Follow | None, said: str) -> HttpResponse:
    if request.htmx and "field" in request.POST:
        field = request.POST["field"]
        shown = FollowButton(field, request.POST.get(field, ""), _back(request), row)
        return render(request, "talk/_follow.html", {"follow": shown, "said": said})
    messages.success(request, said)
    return redirect(_back(request))


def _back(request: CuratorRequest) -> str:
    """The page the button stood on."""
    back = request.POST.get("back", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure()):
        return back
    return resolve_url("taxonomy:following")


def _line(row: Follow, terms: Vocabulary) -> FollowLine:
    if row.paper is not None:
        paper = row.paper
        url = paper.get_absolute_url()
        return FollowLine(row, _("Paper"), paper.title_plain, "en", url)
    if row.concept_id is not None:
        term = terms.by_id[row.concept_id]
        kind = _("Challenge") if term.kind == "challenge" else _("Domain")
        return FollowLine(row, kind, term.label, "", term.url)
    url = f"{reverse('taxonomy:papers')}?{row.search}"
    return FollowLine(row, _("Search"), search_label(row.search, terms), "", url)
