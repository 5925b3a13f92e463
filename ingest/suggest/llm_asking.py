"""Asking the language model: by a task, never while a page waits, about one paper a request.

The papers are those that wait for a curator: the newest and the most uncertain, in turn.
"""

from decimal import Decimal

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from ingest.models import LanguageModelAnswer, LanguageModelCall
from ingest.suggest import llm, llm_account, llm_answer, llm_endpoint, spreading
from ingest.suggest.llm_account import FORGOTTEN_AFTER, NotNow, State
from ingest.suggest.llm_endpoint import Endpoint, NoAnswer, Reply
from ingest.suggest.llm_question import Question, as_text, digest
from taxonomy.models import Order, Paper, Screening

MOST_TRIES = 2  # about one text that may have cost something; then it is left alone


def ask_next() -> bool:
    """Ask about one more paper, and give it new suggestions; False: nothing to ask now."""
    endpoint = llm.configured()
    if endpoint is None:
        return False
    question = llm.current_question()
    try:
        begun = _begin(endpoint, question)
    except NotNow:
        return False
    if begun is None:
        return False
    call, text = begun
    if call.state == State.OPEN and not _ask(call, endpoint, question, text):
        return False
    if call.paper_id is not None:
        _suggest_anew(call.paper_id)
    return True


@transaction.atomic
def _begin(endpoint: Endpoint, question: Question) -> tuple[LanguageModelCall, str] | None:
    """The next paper's request, paid for, or its answer from the cache. Raises NotNow."""
    llm_account.lock()
    paper = _next_paper(endpoint.model, question.version)
    if paper is None:
        return None
    text = as_text(paper.title_plain, paper.abstract_plain)
    model, version = endpoint.model, question.version
    answer = LanguageModelAnswer.objects.filter(
        digest=digest(text), model=model, question=version
    ).first()
    if answer is not None:
        call = llm_account.note_cached(
            paper=paper, model=model, question=version, answer=answer
        )
    else:
        most = endpoint.cost(question.most_tokens(text), endpoint.most_tokens)
        call = llm_account.reserve(paper=paper, model=model, question=version, most=most)
    return call, text


def _ask(call: LanguageModelCall, endpoint: Endpoint, question: Question, text: str) -> bool:
    """Make the request and write how it ended; whether there is an answer."""
    try:
        reply = llm_endpoint.ask(endpoint, question.messages(text))
    except NoAnswer as error:
        if error.may_cost:
            llm_account.settle(call, state=State.UNUSABLE, error=error)
        else:
            llm_account.settle(call, state=State.FAILED, error=error, cost=Decimal(0))
        return False
    call.tokens_in, call.tokens_out = reply.tokens_in, reply.tokens_out
    try:
        found = llm_answer.probabilities(reply.content, question.slugs)
    except llm_answer.Unusable as error:
        said = f"{error} It was cut off: it had no room." if reply.is_cut else str(error)
        cost = _cost(endpoint, reply)
        llm_account.settle(call, state=State.UNUSABLE, error=NoAnswer(said), cost=cost)
        return False
    with transaction.atomic():
        call.answer, _created = LanguageModelAnswer.objects.get_or_create(
            digest=digest(text),
            model=endpoint.model,
            question=question.version,
            defaults={"probabilities": found},
        )
        llm_account.settle(call, state=State.ANSWERED, cost=_cost(endpoint, reply))
    return True


def _suggest_anew(paper: int) -> None:
    """With what was answered. A paper that lies on a desk has its turn later."""
    known_before = Screening.objects.waiting().filter(pk=paper)
    known_before.update(suggester="")  # whatever its suggestions are of, they are old now
    spreading.suggest_anew([paper])


def _cost(endpoint: Endpoint, reply: Reply) -> Decimal | None:
    """None where the server did not say what it counted."""
    if reply.tokens_in is None or reply.tokens_out is None:
        return None
    return endpoint.cost(reply.tokens_in, reply.tokens_out)


def _next_paper(model: str, question: str) -> Paper | None:
    """Of those that wait: in turn the newest and the most uncertain that is to be asked about.

    Index scans, past those that have their answer.
    """
    calls = LanguageModelCall.objects.filter(
        paper=OuterRef("paper"),
        text_revision=OuterRef("paper__text_revision"),
        model=model,
        question=question,
    )
    since = timezone.now() - FORGOTTEN_AFTER
    ended = Q(state__in=[State.ANSWERED, State.CACHED])
    under_way = Q(state=State.OPEN, asked_at__gt=since)
    tries = calls.filter(state__in=[State.UNUSABLE, State.OPEN]).order_by("pk")
    to_ask = (
        Screening.objects.waiting()
        .exclude(Exists(calls.filter(ended | under_way)))
        .exclude(Exists(tries[MOST_TRIES - 1 : MOST_TRIES]))
        .with_paper()
    )
    last = LanguageModelCall.objects.values_list("pk", flat=True).order_by("-pk").first() or 0
    if last % 2:
        screening = to_ask.by_arrival(newest=True).first()
    else:
        screening = to_ask.first_in_queue(Order.UNCERTAIN).first()
    return screening.paper if screening else None
