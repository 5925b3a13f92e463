"""The review desk: one paper at a time, decided by keys, clicks or plain forms."""

from django.http import Http404, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxonomy import curation, queue, vocabulary
from taxonomy.curation import Actor, Ruling
from taxonomy.errors import HeldByAnother
from taxonomy.forms.review import DecisionForm, DeskForm, RestForm, SkipForm, Stroke
from taxonomy.models import Decision, Paper
from taxonomy.queue import Undone
from taxonomy.search import base_arxiv_id
from taxonomy.typeahead import matching
from taxonomy.views import answers
from taxonomy.views.answers import Done, Said, refused
from taxonomy.views.desk import queue_url
from taxonomy.views.http import CuratorRequest, curators_only
from taxonomy.vocabulary import Term

COLUMNS = [field.attname for field in Paper._meta.concrete_fields if field.name != "search"]
PAPER = f"SELECT {', '.join(COLUMNS)} FROM taxonomy_paper WHERE arxiv_id = %s"
LONGEST = 80  # characters of a label that are worth looking for
LAST_UNDO = "last-undo"  # in the session: the key of the last undo


@never_cache
@require_safe
@curators_only
def review(request: CuratorRequest) -> HttpResponse:
    """The next paper of the queue that the address names; a bare address: of the last one."""
    if not request.GET and request.session.get(answers.QUEUE):
        return redirect(queue_url(answers.queue_of(request)))
    chosen = answers.choose_queue(request)
    return answers.page(request, queue.take_next(request.user, chosen))


@never_cache
@require_safe
@curators_only
def review_paper(request: CuratorRequest, arxiv_id: str) -> HttpResponse:
    """One named paper; with `concept`, also the concepts whose label has those letters."""
    paper = _paper(arxiv_id)
    try:
        screening = queue.open_paper(paper=paper, curator=request.user)
    except HeldByAnother:
        return answers.held_page(request, paper)
    return answers.page(request, screening, request.GET.get("concept", "")[:LONGEST])


@never_cache
@require_POST
@curators_only
def decide(request: CuratorRequest, arxiv_id: str) -> HttpResponse:
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _malformed(form)
    term, verdict = form.cleaned_data["concept"], form.cleaned_data["verdict"]
    reason, key = form.cleaned_data["reason"], form.decision_key()

    def stroke(paper: Paper) -> Done:
        if not verdict:
            text = _("A note goes with a decision: accept, reject or unsure.")
            return Done(refused(text))
        if verdict == Stroke.UNDECIDED:
            queue.take_back(
                paper=paper, concept=term.concept, curator=request.user, idempotency_key=key
            )
            return Done(Said(_named(_("{concept} is open again."), term), undo=False))
        outcome = curation.rule(
            Ruling(
                paper=paper,
                concept=term.concept,
                verdict=verdict,
                actor=Actor.person(request.user),
                idempotency_key=key,
                reason=reason,
                note=form.cleaned_data["note"],
            )
        )
        return Done(Said(_named(_what_was_said(verdict, reason), term, reason)), outcome)

    return answers.act(request, arxiv_id, form, stroke)


@never_cache
@require_POST
@curators_only
def decide_rest(request: CuratorRequest, arxiv_id: str) -> HttpResponse:
    """Accept all, none fits, or unsure: one verdict on what is still open."""
    form = RestForm(request.POST)
    if not form.is_valid():
        return _malformed(form)
    verdict = form.cleaned_data["verdict"]

    def stroke(paper: Paper) -> Done:
        made = queue.decide_rest(
            paper=paper,
            verdict=verdict,
            curator=request.user,
            idempotency_key=form.stroke_key("rest", verdict),
        )
        if verdict == Stroke.ACCEPT:
            text = ngettext("Accepted %d suggestion", "Accepted %d suggestions", len(made))
        elif verdict == Stroke.REJECT:
            text = ngettext("Rejected %d suggestion", "Rejected %d suggestions", len(made))
        else:
            text = ngettext(
                "Unsure about %d suggestion", "Unsure about %d suggestions", len(made)
            )
        said = Said(text % len(made)) if made else refused(_("Nothing is open here."))
        return Done(said)

    return answers.act(request, arxiv_id, form, stroke)


@never_cache
@require_POST
@curators_only
def finish(request: CuratorRequest, arxiv_id: str) -> HttpResponse:
    """On to the next paper; what is undecided on this one stays so."""
    form = DeskForm(request.POST)
    if not form.is_valid():
        return _malformed(form)
    paper = _paper(arxiv_id)
    left = len(curation.pending_suggestions(paper))
    try:
        opened = queue.open_paper(paper=paper, curator=request.user)
        if not form.was_read(opened.paper):
            return answers.show(request, opened, answers.changed())
        closed = queue.finish(paper=paper, curator=request.user)
    except HeldByAnother:
        return answers.show_next(request, answers.held())
    if left:
        text = ngettext(
            "Closed; %d suggestion stays undecided",
            "Closed; %d suggestions stay undecided",
            left,
        )
        said = Said(text % left)
    else:
        said = Said(_("Closed"), undo=False)
    return answers.show_next(request, said if closed else None)


@never_cache
@require_POST
@curators_only
def skip(request: CuratorRequest, arxiv_id: str) -> HttpResponse:
    """For a day, or with `later` for an hour."""
    form = SkipForm(request.POST)
    if not form.is_valid():
        return _malformed(form)
    later = form.cleaned_data["later"]
    time = queue.PUT_OFF_FOR if later else queue.SKIPPED_FOR
    queue.skip(paper=_paper(arxiv_id), curator=request.user, time=time)
    text = _("Put off; it will come again in an hour")
    return answers.show_next(
        request, Said(text if later else _("Skipped; it will come again tomorrow"))
    )


@never_cache
@require_POST
@curators_only
def undo(request: CuratorRequest) -> HttpResponse:
    form = DeskForm(request.POST)
    if not form.is_valid():
        return _malformed(form)
    key = form.stroke_key("undo")
    if key and request.session.get(LAST_UNDO) == key:  # the same request once more
        return answers.show_next(request, None)
    request.session[LAST_UNDO] = key
    undone = queue.undo_last(curator=request.user, idempotency_key=key)
    if undone is None:
        return answers.show_next(request, refused(_("There is nothing to take back.")))
    if undone.screening is None:
        text = _("Taken back. Another curator has that paper open now.")
        return answers.show_next(request, Said(text, undo=False))
    said = Said(_what_was_undone(undone), undo=False)
    return answers.show(request, undone.screening, said, shown=form.cleaned_data["shown"])


@never_cache
@require_safe
@curators_only
def concepts(request: CuratorRequest) -> HttpResponse:
    """The options of the type-ahead."""
    asked = request.GET.get("concept", "")[:LONGEST]
    found = matching(asked, vocabulary.current())
    return render(request, "review/_options.html", {"matches": found, "asked": asked})


def _paper(arxiv_id: str) -> Paper:
    for paper in Paper.objects.raw(PAPER, [base_arxiv_id(arxiv_id)]):
        return paper
    raise Http404


def _malformed(form: DeskForm) -> HttpResponse:
    """Only a hand-made request gets here."""
    return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")


def _named(text: str, term: Term, reason: str = "") -> str:
    label = format_html("<b>{}</b>", term.label)
    return format_html(text, concept=label, reason=Decision.Reason(reason).label)


def _what_was_said(verdict: str, reason: str) -> str:
    if verdict == Stroke.ACCEPT:
        return _("Accepted {concept}")
    if verdict == Stroke.UNSURE:
        return _("Unsure about {concept}")
    if reason:
        return _("Rejected {concept}: {reason}")
    return _("Rejected {concept}")


def _what_was_undone(undone: Undone) -> str:
    if not undone.decisions:
        return _("The paper is back.")
    if len(undone.decisions) == 1:
        term = vocabulary.current().by_id[undone.decisions[0].concept_id]
        return _named(_("Taken back: {concept}"), term)
    count = len(undone.decisions)
    return ngettext("Taken back: %d decision", "Taken back: %d decisions", count) % count
