"""What may be asked of each list. Anything else in the query is refused by name."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from rest_framework import serializers

from taxonomy.api.errors import BadParameter
from taxonomy.models import Concept, Decision, Order
from taxonomy.search import PaperFilter, base_arxiv_id
from taxonomy.trail import TrailFilter
from taxonomy.vocabulary import Term, Vocabulary

PAPER_ORDERS = ("-published_at", "published_at", "-added_at", "added_at")
TAG_ORDERS = ("-created_at", "created_at")
EVERYWHERE = {"format"}
OF_PAGES = {"cursor", "page_size"}


class Parameters(serializers.Serializer[dict[str, Any]]):
    """The parameters of one list; each may be left out or empty."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False


class ConceptParameters(Parameters):
    kind = serializers.ChoiceField(Concept.Kind.choices)
    top = serializers.BooleanField(help_text="Only those without a broader concept, or with.")
    deprecated = serializers.BooleanField(help_text="Only retired ones, or none of them.")


class PaperParameters(Parameters):
    """Of papers/ and of its exports."""

    challenge = serializers.CharField(help_text="Slug; narrower concepts are included.")
    domain = serializers.CharField(help_text="Slug; narrower concepts are included.")
    exact = serializers.BooleanField(help_text="Without what is narrower than the concepts.")
    category = serializers.CharField(max_length=32, help_text="Of arXiv, such as cs.CL.")
    q = serializers.CharField(
        max_length=500, help_text='Words of title, authors, abstract; "a phrase", -not, or.'
    )
    published_after = serializers.DateField(help_text="First day, in UTC.")
    published_before = serializers.DateField(help_text="The day after the last one, in UTC.")
    tagged = serializers.BooleanField(help_text="Only papers with a concept, or without.")
    withdrawn = serializers.BooleanField(
        help_text="Only papers withdrawn by their authors or removed by arXiv, or none of them."
    )


class PaperListParameters(PaperParameters):
    ordering = serializers.ChoiceField(PAPER_ORDERS, default=PAPER_ORDERS[0])


class TagParameters(Parameters):
    concept = serializers.CharField(help_text="Slug.")
    paper = serializers.CharField(help_text="arXiv id.")
    direct = serializers.BooleanField(help_text="Decided, or implied by a narrower concept.")
    withdrawn = serializers.BooleanField(
        help_text="Only tags of papers withdrawn or removed, or none of them."
    )
    ordering = serializers.ChoiceField(TAG_ORDERS, default=TAG_ORDERS[0])


class DecisionParameters(Parameters):
    """Of decisions/ and of its export, and the selection of a batch that takes back."""

    person = serializers.CharField(max_length=150, help_text="Whose, if the name is shown.")
    machine = serializers.CharField(max_length=80, help_text="Of an import or a model.")
    suggester = serializers.CharField(max_length=40, help_text="Whose suggestions, decided on.")
    concept = serializers.CharField(help_text="Slug.")
    paper = serializers.CharField(help_text="arXiv id.")
    verdict = serializers.ChoiceField(Decision.Verdict.choices)
    batch = serializers.UUIDField(help_text="Made together.")
    since = serializers.DateTimeField(help_text="From this moment on; UTC if not said.")
    until = serializers.DateTimeField(help_text="Before this moment; UTC if not said.")


class SuggestionParameters(Parameters):
    """The selection of a batch that decides: open suggestions."""

    concept = serializers.CharField(help_text="Slug; what is narrower is not included.")
    suggester = serializers.CharField(max_length=40)
    least = serializers.FloatField(min_value=0, max_value=1, help_text="Probability.")
    most = serializers.FloatField(min_value=0, max_value=1, help_text="Probability.")
    since = serializers.DateField(help_text="First day on which it was suggested, in UTC.")
    until = serializers.DateField(help_text="The day after the last one, in UTC.")
    published_after = serializers.DateField(help_text="Of the paper: first day, in UTC.")
    published_before = serializers.DateField(help_text="The day after the last one, in UTC.")


class ItemParameters(Parameters):
    outcome = serializers.ChoiceField(["done", "passed"], help_text="Decided, or left alone.")


class QueueParameters(Parameters):
    order = serializers.ChoiceField(
        Order.choices, help_text="Of the queue; left out: as the editors set it."
    )


class InboxParameters(Parameters):
    unread = serializers.BooleanField(help_text="Only what is unread, or only what was read.")


class ChangeParameters(Parameters):
    concept = serializers.CharField(help_text="Slug.")


class TrendParameters(Parameters):
    kind = serializers.ChoiceField(Concept.Kind.choices)
    concept = serializers.CharField(help_text="Slug; alone, or all concepts.")
    months = serializers.IntegerField(min_value=1, max_value=240, default=24)


class MatrixParameters(Parameters):
    since = serializers.DateField(help_text="From the month of this day on.")


def read(
    query: QueryDict, parameters: type[Parameters], *, paged: bool = False
) -> dict[str, Any]:
    """The values that were given and make sense. BadParameter names all that do not."""
    form = parameters()
    known = set(form.fields) | EVERYWHERE | (OF_PAGES if paged else set())
    wrong = {name: _("There is no parameter %(name)s here.") % {"name": name}
             for name in query if name not in known}  # fmt: skip
    for name, values in query.lists():
        if name in known and len(values) > 1:
            wrong[name] = _("%(name)s is given more than once.") % {"name": name}
        elif any("\x00" in value for value in values):
            wrong[name] = _("%(name)s holds a character that is no text.") % {"name": name}
    given = {name: value for name, value in query.items() if value and name in form.fields}
    form = parameters(data=given)
    if not form.is_valid():
        for name, messages in form.errors.items():
            wrong.setdefault(name, f"{name}: " + " ".join(map(str, messages)))
    if wrong:
        raise BadParameter(wrong)
    asked: dict[str, Any] = form.validated_data
    return asked


def paper_filter(asked: dict[str, Any], terms: Vocabulary) -> PaperFilter:
    """BadParameter for a slug that is not in the vocabulary, or of the other kind."""
    wanted = {name: value for name, value in asked.items() if name != "ordering"}
    for kind in (Concept.Kind.CHALLENGE, Concept.Kind.DOMAIN):
        if slug := wanted.get(kind.value):
            known_term(terms, slug, parameter=kind.value, kind=kind)
    return PaperFilter(**wanted)


def trail_filter(asked: dict[str, Any], terms: Vocabulary) -> TrailFilter:
    """BadParameter for a slug that is not in the vocabulary."""
    if slug := asked.get("concept"):
        known_term(terms, slug)
    if "paper" in asked:
        # What is no arXiv id is on no paper, and does not mean every paper.
        asked = {**asked, "paper": base_arxiv_id(asked["paper"]) or asked["paper"]}
    return TrailFilter(**asked)


def known_term(
    terms: Vocabulary, slug: str, *, parameter: str = "concept", kind: str = ""
) -> Term:
    term = terms.by_slug.get(slug)
    if term is None or (kind and term.kind != kind):
        what = kind or _("concept")
        message = _("There is no %(kind)s %(slug)s.") % {"kind": what, "slug": slug}
        raise BadParameter({parameter: message})
    return term
