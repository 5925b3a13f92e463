"""Hearing of what one follows outside the pages: by e-mail, and how that ends."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from taxonomy.forms.talk import SubscriptionForm
from taxonomy.talk import digests
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
