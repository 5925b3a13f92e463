"""Queues as an address asks for them, and as a curator saves them."""

from functools import lru_cache

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from taxonomy.models import Order
from taxonomy.queues import AGES, ARRIVALS, Part, Queue
from taxonomy.vocabulary import Term, Vocabulary


class QueueForm(forms.Form):
    """Which papers, in which order."""

    challenge = forms.SlugField(label=_("Challenge"), max_length=80, required=False)
    domain = forms.SlugField(label=_("Domain"), max_length=80, required=False)
    q = forms.CharField(label=_("Words in title or abstract"), max_length=120, required=False)
    days = forms.ChoiceField(
        label=_("Papers"), choices=[("", _("of any age")), *AGES.items()], required=False
    )
    part = forms.ChoiceField(
        label=_("Only those"), choices=[("", _("all that wait")), *Part.choices], required=False
    )
    order = forms.ChoiceField(
        label=_("Papers come"),
        choices=[("", _("as the editors set it")), *Order.choices, *ARRIVALS.items()],
        required=False,
    )

    @property
    def queue(self) -> Queue:
        """Of what is well formed; the rest asks for nothing."""
        self.is_valid()
        return Queue(**self.cleaned_data)

    def offer(self, terms: Vocabulary) -> None:
        """Let the concepts be chosen from a list, narrower ones under theirs."""
        for name, tops in (("challenge", terms.challenges), ("domain", terms.domains)):
            choices: list[tuple[str, str]] = [("", gettext("any"))]
            for top in tops:
                choices.append((top.slug, top.label))
                choices += _indented(terms.narrower(top))
            self.fields[name].widget = forms.Select(choices=choices)


class ViewForm(forms.Form):
    """A name for a queue."""

    name = forms.CharField(label=_("Name"), max_length=60)
    query = forms.CharField(max_length=500, required=False)


@lru_cache
def queue_in(query: str) -> Queue:
    """The queue that the query of an address asks for."""
    return QueueForm(QueryDict(query)).queue


def _indented(terms: list[Term]) -> list[tuple[str, str]]:
    return [(term.slug, f"\u2003{term.label}") for term in terms if not term.deprecated]
