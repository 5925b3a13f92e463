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
from taxonomy.forms.review import DeskForm, OrderForm
from taxonomy.models import Order, Paper, Screening
from taxonomy.views.desk import address_of, desk_of, reading_of
from taxonomy.views.http import CuratorRequest

ORDER = "queue-order"  # in the session


@dataclass(frozen=True)
class Said:
    """What an act came to, as a sentence; `undo` offers to take it back."""

    text: str
    undo: bool = True
    is_bad: bool = False


def choose_order(request: CuratorRequest) -> None:
    """Remember the order that the address names; another one than before clears the desk."""
    form = OrderForm(request.GET)
    if "order" not in request.GET or not form.is_valid():
        return
    order = form.cleaned_data["order"]
    if order != order_of(request):
        request.session[ORDER] = order.value if order else ""
        queue.release(request.user)


def order_of(request: CuratorRequest) -> Order | None:
    """What this curator has chosen in this session; None: what an editor has set."""
    chosen = request.session.get(ORDER, "")
    return Order(chosen) if chosen in Order.values else None


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
        before = queue.open_paper(paper=paper, curator=request.user)
        if not form.was_read(before.paper):
            return show(request, before, changed())
        said = stroke()
    except HeldByAnother:
        return show_next(request, held())
    except TaxonomyError as error:
        said = refused(error)
    after = Screening.objects.with_paper().get(paper=paper)
    waiting = Screening.State.WAITING
    if before.state == waiting and after.state != waiting:
        return show_next(request, said)
    return show(request, after, said, shown=form.cleaned_data["shown"])


def changed() -> Said:
    return refused(_("The text changed while you read it. This is the new one."))


def held() -> Said:
    return refused(_("Another curator has that paper open now."))


def show_next(request: CuratorRequest, said: Said | None) -> HttpResponse:
    """The next paper of the queue, laid out anew."""
    if request.htmx:
        return show(request, queue.take_next(request.user, order_of(request)), said)
    return _send_on(request, reverse("taxonomy:review"), said)


def show(
    request: CuratorRequest, screening: Screening | None, said: Said | None, shown: str = ""
) -> HttpResponse:
    """This paper; only its rows if it is the one that is `shown`."""
    url = address_of(screening) if screening else reverse("taxonomy:review")
    if not request.htmx:
        return _send_on(request, url, said)
    if screening and screening.paper.arxiv_id == shown:
        desk = desk_of(screening, request.user, _keys_of(request), vocabulary.current())
        context = {"desk": desk, "progress": desk.progress, "keys": desk.keys, "said": said}
        return render(request, "review/answer.html", context)
    context = {**_laid_out(request, screening), "said": said}
    response = render(request, "review/answer.html", context)
    return replace_url(retarget(response, "#desk"), url)


def _send_on(request: CuratorRequest, url: str, said: Said | None) -> HttpResponse:
    if said:
        level = messages.WARNING if said.is_bad else messages.SUCCESS
        messages.add_message(request, level, said.text)
    return redirect(url)


def _keys_of(request: CuratorRequest) -> Keymap:
    return Keymap.with_own(desks.settings_of(request.user).keys)


def _laid_out(
    request: CuratorRequest, screening: Screening | None, asked: str = ""
) -> dict[str, object]:
    keys = _keys_of(request)
    if screening is None:
        return {"desk": None, "progress": queue.progress(request.user), "keys": keys}
    terms = vocabulary.current()
    desk = desk_of(screening, request.user, keys, terms)
    return {
        "desk": desk,
        "keys": keys,
        "reading": reading_of(desk, terms, asked),
        "progress": desk.progress,
        "orders": Order,
        "order": order_of(request),
    }
