"""How the review desk answers an act: with the piece that changed, or by sending on.

A swap of `#rows` keeps the paper and what is being typed; a swap of `#desk` lays out another.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import replace_url, retarget

from taxonomy import desks, queue, vocabulary
from taxonomy.desk_keys import Keymap
from taxonomy.errors import HeldByAnother, TaxonomyError
from taxonomy.forms.queues import QueueForm, queue_in
from taxonomy.forms.review import DeskForm
from taxonomy.models import Paper, Screening
from taxonomy.progress import progress
from taxonomy.queues import Queue
from taxonomy.views.desk import Desk, desk_of, queue_url, reading_of
from taxonomy.views.http import CuratorRequest
from taxonomy.vocabulary import Vocabulary

QUEUE = "queue"  # in the session: the query of the queue that was worked on last


@dataclass(frozen=True)
class Said:
    """What an act came to, as a sentence; `undo` offers to take it back."""

    text: str
    undo: bool = True
    is_bad: bool = False


def choose_queue(request: CuratorRequest) -> Queue:
    """The one that the address names; another one than before clears the desk."""
    queue_ = QueueForm(request.GET).queue
    if queue_.query != request.session.get(QUEUE, ""):
        request.session[QUEUE] = queue_.query
        queue.release(request.user)
    return queue_


def queue_of(request: CuratorRequest) -> Queue:
    """What the next paper is from: as the page says, else as this session worked last."""
    return queue_in(request.POST.get("queue", request.session.get(QUEUE, "")))


def refused(text: object) -> Said:
    return Said(str(text), undo=False, is_bad=True)


def page(request: CuratorRequest, screening: Screening | None, asked: str = "") -> HttpResponse:
    """The whole desk, or why there is nothing on it."""
    return render(request, "review/desk.html", _laid_out(request, screening, asked))


def held_page(request: CuratorRequest, paper: Paper) -> HttpResponse:
    """The desk without the paper asked for: it lies on another one."""
    return render(request, "review/desk.html", {**_laid_out(request, None), "held": paper})


def act(
    request: CuratorRequest, paper: Paper, form: DeskForm, stroke: Callable[[], Said]
) -> HttpResponse:
    """Do one stroke to a paper on this desk, and show the paper, or the next if that was all.

    Nothing is done to a paper that lies on another desk or is not as it was read.
    """
    try:
        before = queue.keep_open(paper=paper, curator=request.user)
        if not form.was_read(before.paper):
            return show(request, before, changed())
        said = stroke()
    except HeldByAnother:
        return show_next(request, held())
    except TaxonomyError as error:
        said = refused(error)
    was = before.state
    before.refresh_from_db(fields=["state"])
    if was == Screening.State.WAITING != before.state:
        return show_next(request, said)
    return show(request, before, said, shown=form.cleaned_data["shown"])


def changed() -> Said:
    return refused(_("The text changed while you read it. This is the new one."))


def held() -> Said:
    return refused(_("Another curator has that paper open now."))


def show_next(request: CuratorRequest, said: Said | None) -> HttpResponse:
    """The next paper of the queue, laid out anew."""
    if request.htmx:
        return show(request, queue.take_next(request.user, queue_of(request)), said)
    return _send_on(request, queue_url(queue_of(request)), said)


def show(
    request: CuratorRequest, screening: Screening | None, said: Said | None, shown: str = ""
) -> HttpResponse:
    """This paper; only its rows if it is the one that is `shown`."""
    url = queue_url(queue_of(request))
    if screening and screening.state != Screening.State.WAITING:
        url = reverse("taxonomy:review-paper", args=[screening.paper.arxiv_id])
    if not request.htmx:
        return _send_on(request, url, said)
    if screening and screening.paper.arxiv_id == shown:
        context = {**_desk_on(request, screening, vocabulary.current()), "said": said}
        return render(request, "review/answer.html", context)
    context = {**_laid_out(request, screening), "said": said}
    response = render(request, "review/answer.html", context)
    return replace_url(retarget(response, "#desk"), url)


def _send_on(request: CuratorRequest, url: str, said: Said | None) -> HttpResponse:
    if said:
        level = messages.WARNING if said.is_bad else messages.SUCCESS
        messages.add_message(request, level, said.text)
    return redirect(url)


def _desk_on(
    request: CuratorRequest, screening: Screening | None, terms: Vocabulary
) -> dict[str, object]:
    """The paper with its rows, or none; keys, queue and progress."""
    own, asked = desks.settings_of(request.user), queue_of(request)
    keys = Keymap.with_own(own.keys)
    return {
        "desk": screening and desk_of(screening, request.user, keys, terms),
        "keys": keys,
        "queue": asked,
        "queue_labels": asked.labels(terms),
        "progress": progress(request.user, asked, own.daily_goal),
    }


def _laid_out(
    request: CuratorRequest, screening: Screening | None, asked: str = ""
) -> dict[str, object]:
    terms = vocabulary.current()
    found = _desk_on(request, screening, terms)
    desk = found["desk"]
    if isinstance(desk, Desk):
        found["reading"] = reading_of(desk, terms, asked)
        found["orders"] = QueueForm.base_fields["order"]
    return found
