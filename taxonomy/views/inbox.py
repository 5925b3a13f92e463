"""What happened to what one follows."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxonomy import vocabulary
from taxonomy.models import Notice
from taxonomy.talk import inbox as entries
from taxonomy.talk.words import Said, say
from taxonomy.views.http import CuratorRequest, members_only


@dataclass(frozen=True)
class InboxLine:
    """A notice and what it says."""

    notice: Notice
    said: Said


@never_cache
@members_only("taxonomy:inbox")
@require_safe
def inbox(request: CuratorRequest) -> HttpResponse:
    before = _number(request.GET.get("before", ""))
    unread = request.GET.get("show") == "unread"
    page = entries.page_of(request.user, before=before, unread=unread)
    terms = vocabulary.current()
    context = {
        "lines": [InboxLine(one, say(one, terms)) for one in page.notices],
        "older": page.older,
        "newest": page.notices[0].pk if page.notices else 0,
        "unread_only": unread,
        "is_first_page": not before,
    }
    return render(request, "talk/inbox.html", context)


@members_only("taxonomy:inbox")
@require_POST
def read_one(request: CuratorRequest, pk: int) -> HttpResponse:
    """Leads back to where the notice stood, so that the next Tab goes on from there."""
    entries.mark_read(request.user, pk)
    return redirect(f"{_list(request)}#notice-{pk}")


@members_only("taxonomy:inbox")
@require_POST
def read_all(request: CuratorRequest) -> HttpResponse:
    """Up to the notice that was the newest on the page."""
    entries.mark_all_read(request.user, _number(request.POST.get("until", "")))
    return redirect(_list(request))


def _list(request: CuratorRequest) -> str:
    """The page of the list that was looked at."""
    before = _number(request.POST.get("before", ""))
    show = "show=unread" if request.POST.get("show") == "unread" else ""
    query = "&".join(filter(None, (show, f"before={before}" if before else "")))
    return reverse("taxonomy:inbox") + (f"?{query}" if query else "")


def _number(text: str) -> int:
    """An id; 0 where there is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
