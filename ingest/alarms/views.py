"""Alarms for those who look after the harvest: the open ones, those that are over."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from ingest import alarms
from ingest.alarms import channels
from ingest.alarms.standing import spoken, standing
from ingest.models import Alarm, Delivery
from ingest.refusal_list import LARGEST_ID
from ingest.views import for_keepers
from taxonomy.views.http import CuratorRequest, PageRequest

SIZE = 25


@require_safe
@for_keepers
def overview(request: PageRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    over = Alarm.objects.for_list().closed()
    if before.isascii() and before.isdigit():
        over = over.filter(pk__lt=min(int(before[:19]), LARGEST_ID))
    found = list(over[: SIZE + 1])
    context = {
        "alarms": standing(),
        "over": spoken(found[:SIZE]),
        "older": found[SIZE - 1].pk if len(found) > SIZE else None,
        "is_first": not before,
        "channels": [Delivery.Channel(one).label for one in channels.configured()],
    }
    return render(request, "ingest/alarms.html", context)


@require_POST
@for_keepers
def put_aside(request: CuratorRequest, pk: int) -> HttpResponse:
    alarm = get_object_or_404(Alarm, pk=pk)
    alarms.put_aside(alarm, by=request.user)
    messages.success(request, _("The alarm is put aside. The run can still go on later."))
    return redirect("ingest:overview")
