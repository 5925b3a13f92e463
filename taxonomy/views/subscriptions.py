"""Hearing of what one follows outside the pages: by e-mail and by a feed of one's own."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from taxonomy.forms.talk import SubscriptionForm
from taxonomy.talk import digests, private_feed
from taxonomy.views.http import CuratorRequest, PageRequest, members_only


@members_only("taxonomy:following")
@require_POST
def by_mail(request: CuratorRequest) -> HttpResponse:
    form = SubscriptionForm(request.POST)
    if form.is_valid():
        digests.subscribe(
            request.user, form.cleaned_data["every"], form.cleaned_data["language"]
        )
        messages.success(request, _("Saved."))
    return redirect("taxonomy:following")


@never_cache
@members_only("taxonomy:following")
@require_POST
def feed_address(request: CuratorRequest) -> HttpResponse:
    """A new address, or with close=1 none. It stands in this answer and nowhere else, so there
    is no redirect."""
    if request.POST.get("close") == "1":
        private_feed.close_address(request.user)
        messages.success(request, _("The address no longer works."))
        return redirect("taxonomy:following")
    secret = private_feed.renew_address(request.user)
    address = request.build_absolute_uri(reverse("taxonomy:feed-following", args=[secret]))
    return render(request, "talk/feed_address.html", {"address": address})


@csrf_exempt  # a mail program sends it, for whoever holds the link
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: PageRequest, token: str) -> HttpResponse:
    """Looking at it ends nothing: programs that check links do that."""
    user_id = digests.user_of(token)
    if user_id is None:
        raise Http404(_("This link is incomplete."))
    if request.method == "POST":
        digests.unsubscribe(user_id)
    return render(request, "talk/unsubscribe.html", {"done": request.method == "POST"})
