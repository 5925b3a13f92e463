"""How the review desk answers an act: with the piece that changed, or by sending on.

A swap of `#rows` keeps the paper and what is being typed; a swap of `#desk` lays out another.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_htmx.http import replace_url, retarget

from taxonomy import desks, queue, vocabulary
from taxonomy.desk_keys import Keymap
from taxonomy.errors import HeldByAnother, TaxonomyError
from taxonomy.forms.queues import QueueForm, queue_in
from taxonomy.forms.review import DeskForm
from taxonomy.models import Paper, Screening
from taxonomy.progress import Progress, progress
from taxonomy.queues import Queue
from taxonomy.views import pieces
from taxonomy.views.desk import Desk, desk_of, queue_url, reading_of
from taxonomy.views.frames import fill
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
    was, before.state = before.state, queue.state_of(before.paper)
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
        return HttpResponse(_rows_alone(request, screening, said))
    context = _laid_out(request, screening, said=said, swap=True)
    response = render(request, "review/answer.html", context)
    return replace_url(retarget(response, "#desk"), url)


def _send_on(request: CuratorRequest, url: str, said: Said | None) -> HttpResponse:
    if said:
        level = messages.WARNING if said.is_bad else messages.SUCCESS
        messages.add_message(request, level, said.text)
    return redirect(url)


@dataclass(frozen=True)
class _Found:
    """What is shown: the paper with its rows, or none; keys, queue and progress."""

    terms: Vocabulary
    keys: Keymap
    queue: Queue
    desk: Desk | None
    progress: Progress

    def hairline(self, *, swap: bool) -> SafeString:
        return pieces.hairline(self.progress, self.queue, self.terms, swap=swap)


def _find(request: CuratorRequest, screening: Screening | None) -> _Found:
    terms = vocabulary.current()
    own, asked = desks.settings_of(request.user), queue_of(request)
    keys = Keymap.with_own(own.keys)
    return _Found(
        terms=terms,
        keys=keys,
        queue=asked,
        desk=desk_of(screening, request.user, keys, terms) if screening else None,
        progress=progress(request.user, asked, own.daily_goal),
    )


def _rows_alone(request: CuratorRequest, screening: Screening, said: Said | None) -> str:
    """The paper stays as it lies there, with what is typed; the rest is put in its place."""
    found = _find(request, screening)
    assert found.desk is not None
    fields = pieces.hidden(request, found.desk, found.queue)
    slots = {
        "rows": pieces.rows(found.desk, fields),
        "actions": pieces.actions(found.desk, fields, swap=True),
        "hairline": found.hairline(swap=True),
        "said": _sentence(request, found.queue, said),
    }
    return fill("review/answer_rows.html", slots)


def _laid_out(
    request: CuratorRequest,
    screening: Screening | None,
    asked: str = "",
    *,
    said: Said | None = None,
    swap: bool = False,
) -> dict[str, object]:
    found = _find(request, screening)
    fields = pieces.hidden(request, found.desk, found.queue)
    context: dict[str, object] = {
        "desk": found.desk,
        "keys": found.keys,
        "queue": found.queue,
        "queue_labels": found.queue.labels(found.terms),
        "progress": found.progress,
        "hidden": fields,
        "hairline": found.hairline(swap=swap),
        "said": _sentence(request, found.queue, said),
    }
    if found.desk:
        context["rows"] = pieces.rows(found.desk, fields)
        context["actions"] = pieces.actions(found.desk, fields)
        context["reading"] = reading_of(found.desk, found.terms, asked)
        context["orders"] = QueueForm.base_fields["order"]
    return context


def _sentence(request: CuratorRequest, asked: Queue, said: Said | None) -> str:
    if said is None:
        return ""
    fields = pieces.hidden(request, None, asked)
    return pieces.sentence(said.text, fields, undo=said.undo, is_bad=said.is_bad)
