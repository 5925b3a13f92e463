"""A language model as one more suggester, where one is configured; off by default.

`llm_asking` asks it; what it said is kept, and counts here whenever suggestions are made for
that text.
"""

from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from ingest.models import LanguageModelAnswer
from ingest.suggest.combine import Signals, Suggester
from ingest.suggest.llm_endpoint import Endpoint
from ingest.suggest.llm_opinion import Opinion, table
from ingest.suggest.llm_question import Choice, Question, as_text, digest
from taxonomy import vocabulary
from taxonomy.models import Concept

LONGEST_NAME = 40  # of a suggester, in the database


def configured() -> Endpoint | None:
    """None: no language model is asked, and none counts."""
    if not settings.KADAI_LLM_URL:
        return None
    return Endpoint(
        url=settings.KADAI_LLM_URL,
        model=settings.KADAI_LLM_MODEL,
        key=settings.KADAI_LLM_KEY,
        price_in=settings.KADAI_LLM_PRICE_IN,
        price_out=settings.KADAI_LLM_PRICE_OUT,
        most_tokens=settings.KADAI_LLM_ANSWER_TOKENS,
    )


def current_question() -> Question:
    """About the concepts that are not deprecated, in English."""
    terms = vocabulary.current()
    return Question(
        tuple(
            Choice(
                slug=term.slug,
                label=term.pref_label("en"),
                definition=term.text("definition", "en"),
                broader=terms.by_id[term.broader_id].slug if term.broader_id else "",
            )
            for term in terms
            if not term.deprecated and term.kind in Concept.Kind.values
        )
    )


def signed(name: str, opinion: Opinion | None, row: int) -> str:
    """The suggester's name, with that of the model where it had a say in the paper."""
    if opinion is None or not opinion.has(row):
        return name
    return f"{name}+{opinion.model}"[:LONGEST_NAME]


def with_opinion(
    signals: Signals, suggester: Suggester, texts: Sequence[tuple[str, str]]
) -> Signals:
    """The signals of these (title, abstract), and what the model said of them before.

    One query, or none where no model is configured or asked.
    """
    endpoint = configured()
    if endpoint is None:
        return signals
    digests = [digest(as_text(*text)) for text in texts]
    answers = LanguageModelAnswer.objects.filter(
        digest__in=digests, model=endpoint.model, question=current_question().version
    )
    known = dict(answers.values_list("digest", "probabilities"))
    if not known:
        return signals
    said = table([known.get(one) for one in digests], suggester.columns, suggester.parents)
    return replace(signals, opinion=Opinion(endpoint.model, said, settings.KADAI_LLM_WEIGHT))
