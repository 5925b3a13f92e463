"""The queues: what to work on, under which name one comes back to it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxonomy import desks, vocabulary
from taxonomy.forms.queues import QueueForm, ViewForm, queue_in
from taxonomy.models import SavedView
from taxonomy.queues import Part, Queue
from taxonomy.views.desk import queue_url
from taxonomy.views.http import CuratorRequest, curators_only
from taxonomy.vocabulary import Vocabulary


@dataclass(frozen=True)
class Line:
    """A queue in a list: its name, what it asks for, where it is."""

    name: str
    labels: list[str]
    url: str
    pk: str = ""  # of a saved one, as addresses have it: no page puts separators into it


@never_cache
@require_safe
@curators_only
def queues(request: CuratorRequest) -> HttpResponse:
    """A form for the queue that the address names, and the saved ones. One query of views."""
    terms = vocabulary.current()
    form = QueueForm(request.GET)
    chosen = form.queue
    form = QueueForm(initial=request.GET.dict())
    form.offer(terms)
    views = SavedView.objects.filter(curator=request.user).order_by("name")
    context = {
        "form": form,
        "chosen": chosen,
        "what": _what(chosen, terms),
        "saved": [
            _line(queue_in(view.query), terms, view.name, str(view.pk)) for view in views
        ],
        "common": _common(terms),
    }
    return render(request, "review/queues.html", context)


@never_cache
@require_POST
@curators_only
def save(request: CuratorRequest) -> HttpResponse:
    form = ViewForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    chosen = queue_in(form.cleaned_data["query"])
    view = desks.save_view(
        curator=request.user, name=form.cleaned_data["name"], query=chosen.query
    )
    messages.success(request, _("Saved as %(name)s.") % {"name": view.name})
    return redirect("taxonomy:review-queues")


@never_cache
@require_POST
@curators_only
def remove(request: CuratorRequest, pk: int) -> HttpResponse:
    if not desks.forget_view(curator=request.user, pk=pk):
        raise Http404
    return redirect("taxonomy:review-queues")


def _common(terms: Vocabulary) -> list[Line]:
    ready = [Queue(order="uncertain"), Queue(order="oldest"), *(Queue(part=p) for p in Part)]
    # A bare address would lead back to the queue of before.
    everything = Line(_("Everything that waits"), [], queue_url(Queue()) + "?order=")
    return [everything, *(_line(one, terms) for one in ready)]


def _line(queue: Queue, terms: Vocabulary, name: str = "", pk: str = "") -> Line:
    return Line(name, _what(queue, terms), queue_url(queue), pk)


def _what(queue: Queue, terms: Vocabulary) -> list[str]:
    labels = queue.labels(terms)
    return [*labels, queue.order_label()] if queue.order else labels
