"""How the review desk answers an act: with the piece that changed, or by sending on.

A swap of `#rows` keeps the paper and what is being typed; a swap of `#desk` lays out another.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_htmx.http import replace_url, reswap, retarget

from taxonomy import desks, queue, vocabulary
from taxonomy.curation import Outcome
from taxonomy.desk_keys import Keymap
from taxonomy.dossiers import Dossier, dossier
from taxonomy.errors import HeldByAnother, TaxonomyError
from taxonomy.forms.queues import QueueForm, queue_in
from taxonomy.forms.review import DeskForm
from taxonomy.models import Paper, Screening
from taxonomy.progress import progress
from taxonomy.queues import Queue
from taxonomy.search import base_arxiv_id
from taxonomy.views import pieces
from taxonomy.views.desk import Desk, desk_of, queue_url, reading_of
from taxonomy.views.frames import fill
from taxonomy.views.http import CuratorRequest
from taxonomy.views.laid import laid
from taxonomy.vocabulary import Vocabulary

QUEUE = "queue"  # in the session: the query of the queue that was worked on last


@dataclass(frozen=True)
class Said:
    """What an act came to, as a sentence; `undo` offers to take it back."""

    text: str
    undo: bool = True
    is_bad: bool = False


@dataclass(frozen=True)
class Done:
    """What an act came to, with how the paper stands after it where that is known."""

    said: Said
    outcome: Outcome | None = None


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
    request: CuratorRequest, arxiv_id: str, form: DeskForm, stroke: Callable[[Paper], Done]
) -> HttpResponse:
    """Do one stroke to a paper on this desk, and show the paper, or the next if that was all.

    Nothing is done to a paper that lies on another desk or is not as it was read.
    """
    try:
        before = queue.keep_open(arxiv_id=base_arxiv_id(arxiv_id), curator=request.user)
    except Paper.DoesNotExist:
        raise Http404 from None
    except HeldByAnother:
        return show_next(request, held())
    if not form.was_read(before.paper):
        return show(request, before, changed())
    try:
        done = stroke(before.paper)
    except TaxonomyError as error:
        done = Done(refused(error))
    was = before.state
    before.state = (
        done.outcome.screening.state if done.outcome else queue.state_of(before.paper)
    )
    if was == Screening.State.WAITING != before.state:
        return show_next(request, done.said)
    shown = form.cleaned_data["shown"]
    if not request.htmx or before.paper.arxiv_id != shown:
        return show(request, before, done.said)
    if done.outcome:
        beside, terms = done.outcome.dossier, done.outcome.terms
    else:
        beside, terms = dossier(before.paper), vocabulary.current()
    if was != before.state:
        return _rows_alone(request, before, beside, done.said, terms)
    only = done.outcome.decision.concept_id if done.outcome else None
    return _rows_alone(request, before, beside, done.said, terms, moved=False, only=only)


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
        beside, terms = dossier(screening.paper), vocabulary.current()
        return _rows_alone(request, screening, beside, said, terms)
    response = HttpResponse(_another(request, screening, said))
    return replace_url(retarget(response, "#desk"), url)


def _send_on(request: CuratorRequest, url: str, said: Said | None) -> HttpResponse:
    if said:
        level = messages.WARNING if said.is_bad else messages.SUCCESS
        messages.add_message(request, level, said.text)
    return redirect(url)


@dataclass(frozen=True)
class _Found:
    """What is shown: the paper with its rows, or none; keys and queue."""

    terms: Vocabulary
    keys: Keymap
    goal: int | None
    queue: Queue
    desk: Desk | None
    token: str

    @property
    def hidden(self) -> SafeString:
        return pieces.hidden(self.token, self.desk, self.queue)

    def laid(self, asked: str = "") -> str:
        if self.desk is None:
            return ""
        return laid(
            self.desk, reading_of(self.desk, self.terms, asked), self.queue, self.hidden
        )

    def sentence(self, said: Said | None) -> str:
        if said is None:
            return ""
        fields = pieces.hidden(self.token, None, self.queue)
        return pieces.sentence(said.text, fields, undo=said.undo, is_bad=said.is_bad)


def _find(
    request: CuratorRequest,
    screening: Screening | None,
    beside: Dossier | None,
    terms: Vocabulary,
    only: int | None = None,
) -> _Found:
    own = desks.settings_of(request.user)
    keys = Keymap.with_own(own.keys)
    desk = None
    if screening and beside:
        desk = desk_of(screening, beside, request.user, keys, terms, only)
    asked = queue_of(request)
    return _Found(terms, keys, own.daily_goal, asked, desk, get_token(request))


def _rows_alone(
    request: CuratorRequest,
    screening: Screening,
    beside: Dossier,
    said: Said | None,
    terms: Vocabulary,
    *,
    moved: bool = True,
    only: int | None = None,
) -> HttpResponse:
    """The paper stays as it lies there, with what is typed; the rest is put in its place.

    How far one is changes only when a paper has `moved` on its way. Of the rows, those of
    the others stay as well if `only` one concept was suggested and decided on.
    """
    if all(one.concept_id != only for one in beside.suggestions):
        only = None  # it may have no row yet
    found = _find(request, screening, beside, terms, only)
    assert found.desk is not None
    fields, desk = found.hidden, found.desk
    decided = [row for row in desk.rows if row.term.id == only]
    slots = {
        "rows": pieces.item(decided[0], desk, fields) if only else pieces.rows(desk, fields),
        "actions": pieces.actions(desk, fields, swap=True),
        "hairline": "",
        "said": found.sentence(said),
    }
    if moved:
        far = progress(request.user, found.queue, found.goal)
        slots["hairline"] = pieces.hairline(far, found.queue, found.terms, swap=True)
    response = HttpResponse(fill("review/answer_rows.html", slots))
    if not only:
        return response
    return reswap(retarget(response, f"#item-{decided[0].term.slug}"), "outerHTML")


def _laid_out(
    request: CuratorRequest, screening: Screening | None, asked: str = ""
) -> dict[str, object]:
    """What the whole page shows."""
    beside = dossier(screening.paper) if screening else None
    found = _find(request, screening, beside, vocabulary.current())
    far = progress(request.user, found.queue, found.goal)
    return {
        "desk": found.desk,
        "laid": found.laid(asked),
        "hidden": found.hidden,
        "keys": found.keys,
        "queue": found.queue,
        "queue_labels": found.queue.labels(found.terms),
        "progress": far,
        "hairline": pieces.hairline(far, found.queue, found.terms),
    }


def _another(request: CuratorRequest, screening: Screening | None, said: Said | None) -> str:
    """Another paper, or that there is none, with how far one is."""
    beside = dossier(screening.paper) if screening else None
    found = _find(request, screening, beside, vocabulary.current())
    far = progress(request.user, found.queue, found.goal)
    slots: dict[str, object] = {
        "title": screening.paper.title_plain if screening else "",
        "laid": found.laid(),
        "hairline": pieces.hairline(far, found.queue, found.terms, swap=True),
        "said": found.sentence(said),
    }
    if found.desk is None:
        labels = found.queue.labels(found.terms)
        context = {
            "queue": found.queue,
            "queue_labels": labels,
            "progress": far,
            "keys": found.keys,
            "hidden": found.hidden,
        }
        slots["laid"] = render_to_string("review/_nothing.html", context)
    return fill("review/answer.html", slots, has_paper=screening is not None)
