"""A curator's own desk: which key does what, and how much a day."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from taxonomy import desks
from taxonomy.forms.desks import DeskSettingsForm
from taxonomy.views.http import CuratorRequest, curators_only


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def settings(request: CuratorRequest) -> HttpResponse:
    """With `reset`, the keys are ours again; the goal stays."""
    own = desks.settings_of(request.user)
    form = DeskSettingsForm(own, request.POST if request.method == "POST" else None)
    if "reset" in request.POST:
        desks.set_desk(curator=request.user, keys={}, daily_goal=own.daily_goal)
        messages.success(request, _("The keys are as they came."))
        return redirect("taxonomy:review-settings")
    if form.is_valid():
        goal = form.cleaned_data["daily_goal"]
        desks.set_desk(curator=request.user, keys=form.keys, daily_goal=goal)
        messages.success(request, _("Saved."))
        return redirect("taxonomy:review")
    return render(request, "review/settings.html", {"form": form})
