"""What is written about a query, and what is wrong with it: the field, the place, the mend."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ingest.models import Query, Way
from ingest.queries import WRITTEN
from ingest.search_syntax import MEANT, Fault, NotASearch, parse, tidy

WAYS = [
    (Way.SEARCH.value, _("A search: new papers that match it")),
    (Way.OAI.value, _("A whole category: every record that is new or has changed")),
]
INTERVALS: Final = (
    (timedelta(days=1), _("every day")),
    (timedelta(days=2), _("every 2 days")),
    (timedelta(days=3), _("every 3 days")),
    (timedelta(days=7), _("every week")),
    (timedelta(days=14), _("every 2 weeks")),
    (timedelta(days=30), _("every 30 days")),
)
# For an arXiv on this machine, which is nobody's but ours.
QUICK_INTERVALS: Final = (
    (timedelta(minutes=1), _("every minute")),
    (timedelta(hours=1), _("every hour")),
)
SET = re.compile(r"[a-z-]+(:[a-z-]+(:[A-Za-z-]+)?)?")
LONGEST_MATCH = 500  # characters, as the database holds
AROUND = 24  # characters shown before and after what is wrong

SENTENCES: Final[dict[Fault, Promise]] = {
    Fault.EMPTY: _("Write what is searched for, such as cat:cs.CL."),
    Fault.TOO_LONG: _("arXiv takes 1,000 characters. Shorten it, or make two queries of it."),
    Fault.TOO_DEEP: _("Too many brackets in brackets. Take some away."),
    Fault.UNKNOWN_FIELD: _(
        "There is no field “%(found)s”. There are ti, au, abs, co, jr, cat, rn, id and all."
    ),
    Fault.FIELD_CASE: _("Write the field “%(found)s” in small letters."),
    Fault.DATE: _("Leave “%(found)s” out. Every run sets its own dates."),
    Fault.NO_VALUE: _(
        "After “%(found)s:” a word or a phrase in quotes must follow, without a space."
    ),
    Fault.OPEN_QUOTE: _("This quotation mark is not closed. Add one after the phrase."),
    Fault.EMPTY_PHRASE: _("Nothing stands between the quotation marks. Write a phrase there."),
    Fault.OPEN_BRACKET: _("This bracket is not closed. Add one after what belongs together."),
    Fault.CLOSING_BRACKET: _("Nothing was opened that this bracket could close. Take it away."),
    Fault.EMPTY_BRACKETS: _(
        "A term is missing before this bracket. Write one, or take it away."
    ),
    Fault.NO_OPERATOR: _(
        "Write AND, OR or ANDNOT before “%(found)s”, or put a phrase in quotation marks."
    ),
    Fault.OPERATOR_CASE: _("Write “%(found)s” in capitals, or in quotation marks as a word."),
    Fault.NOT: _("Write ANDNOT in the place of AND and NOT, between two terms."),
    Fault.NO_TERM_BEFORE: _("A term is missing before %(found)s."),
    Fault.NO_TERM_AFTER: _("A term is missing after %(found)s."),
    Fault.WILDCARD: _("arXiv knows no wildcards. Write the words out, with OR between them."),
    Fault.CHARACTER: _("Leave “%(found)s” out, or put the phrase in quotation marks."),
}


@dataclass(frozen=True)
class Marked:
    """The place where a search is wrong, with what stands around it."""

    before: str
    found: str
    after: str

    @classmethod
    def of(cls, search: str, error: NotASearch) -> "Marked | None":
        end = error.at + max(len(error.found), 1)
        if error.fault in {Fault.EMPTY, Fault.TOO_LONG}:
            return None
        before, after = search[: error.at], search[end:]
        return cls(
            ("…" if len(before) > AROUND else "") + before[-AROUND:],
            search[error.at : end] or " ",
            after[:AROUND] + ("…" if len(after) > AROUND else ""),
        )


def sentence(error: NotASearch) -> str:
    """What is wrong, where, and what to do about it, in the reader's language."""
    text = str(SENTENCES[error.fault]) % {"found": error.found}
    if error.fault is Fault.UNKNOWN_FIELD and (meant := MEANT.get(error.found.lower())):
        text = gettext("Write %(meant)s: in the place of “%(found)s:”.") % {
            "meant": meant,
            "found": error.found,
        }
    if error.fault in {Fault.EMPTY, Fault.TOO_LONG}:
        return text
    place = gettext("Character %(place)s:") % {"place": error.at + 1}
    return f"{place} {text}"


class SearchForm(forms.Form):
    """What arXiv is asked for, and how: the part of a query that a preview needs."""

    way = forms.ChoiceField(choices=WAYS, initial=Way.SEARCH, label=_("How papers come"))
    search = forms.CharField(
        label=_("Search or set"),
        required=False,  # the sentence of the syntax is better than "required"
        max_length=None,
        strip=True,
    )
    match = forms.CharField(required=False, label=_("Only with one of these phrases"))
    known_only = forms.BooleanField(
        required=False, label=_("Only follow the papers that are here")
    )

    marked: Marked | None = None

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        if values.get("way") == Way.OAI:
            self._clean_set(values)
        elif "way" in values:
            values |= {"match": "", "known_only": False}
            self._clean_search(values)
        return values

    def _clean_search(self, values: dict[str, Any]) -> None:
        search = tidy(values.get("search", ""))
        try:
            parse(search)
        except NotASearch as error:
            self.marked = Marked.of(search, error)
            self.add_error("search", sentence(error))
        else:
            values["search"] = search

    def _clean_set(self, values: dict[str, Any]) -> None:
        found = values.get("search", "")
        if not SET.fullmatch(found):
            archive, dot, category = found.removeprefix("cat:").partition(".")
            example = f"{archive}:{archive}:{category}" if dot else "cs:cs:CL"
            if not SET.fullmatch(example):
                example = "cs:cs:CL"
            self.add_error(
                "search",
                gettext("Write an OAI-PMH set: %(example)s.") % {"example": example},
            )
        phrases = [tidy(one) for one in values.get("match", "").split("|")]
        values["match"] = " | ".join(one for one in phrases if one)
        if len(values["match"]) > LONGEST_MATCH:
            self.add_error("match", gettext("At most 500 characters. Leave some phrases out."))


class QueryForm(SearchForm):
    """All that people say about a query."""

    name = forms.CharField(
        label=pgettext_lazy("of a query", "Name"),
        max_length=120,
        error_messages={"required": _("Give it a name, such as “Robots that plan”.")},
    )
    interval = forms.TypedChoiceField(
        label=_("How often"), coerce=lambda text: timedelta(seconds=int(text))
    )
    enabled = forms.BooleanField(required=False, initial=True, label=_("Pulled on schedule"))
    revision = forms.IntegerField(required=False, min_value=1)

    def __init__(self, data: Any = None, query: Query | None = None) -> None:
        initial = {name: getattr(query, name) for name in WRITTEN} if query else {}
        super().__init__(data, initial=initial)
        self.query = query
        now = query.interval if query else timedelta(days=1)
        self.initial["interval"] = int(now.total_seconds())
        field = self.fields["interval"]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = _intervals(now)
        field.error_messages["invalid_choice"] = _(
            "Choose one of these; arXiv asks to be asked once a day at most."
        )

    def clean_name(self) -> str:
        name = tidy(self.cleaned_data["name"])
        same = Query.objects.filter(name=name)
        if (same.exclude(pk=self.query.pk) if self.query else same).exists():
            raise forms.ValidationError(name_taken())
        return name

    def values(self) -> dict[str, Any]:
        """What the verbs write."""
        return {name: self.cleaned_data[name] for name in WRITTEN}

    def differences(self, query: Query) -> list[tuple[str, str]]:
        """Label and value of each field in which `query` is not what was written here."""
        found = []
        for name in WRITTEN:
            theirs = getattr(query, name)
            if self.cleaned_data.get(name) != theirs:
                found.append((str(self.fields[name].label), self._shown(name, theirs)))
        return found

    def _shown(self, name: str, value: Any) -> str:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            key = str(int(value.total_seconds()) if isinstance(value, timedelta) else value)
            return str(dict(field.choices).get(key, value))  # type: ignore[arg-type]
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        return str(value) or gettext("nothing")


def name_taken() -> str:
    return gettext("Another query has this name. Choose one that tells them apart.")


def _intervals(now: timedelta) -> list[tuple[str, str]]:
    """What can be chosen; also what is set now, if somebody has set it elsewhere."""
    known = [*(QUICK_INTERVALS if _asks_this_machine() else ()), *INTERVALS]
    found = [(str(int(length.total_seconds())), str(label)) for length, label in known]
    if now not in dict(known):
        hours = now.total_seconds() / 3600
        label = gettext("as now: every %(hours)s hours") % {"hours": f"{hours:.4g}"}
        found.insert(0, (str(int(now.total_seconds())), label))
    return found


def _asks_this_machine() -> bool:
    hosts = {urlsplit(url).hostname for url in (settings.ARXIV_API_URL, settings.ARXIV_OAI_URL)}
    return hosts <= {"127.0.0.1", "localhost", "::1"}
