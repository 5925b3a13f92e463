"""The trail of decisions for curators: looking through it, and taking parts of it back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import batches, sealing, trail, vocabulary
from taxonomy.errors import TaxonomyError
from taxonomy.forms.trail import BeginForm, MomentField, SuggestionsForm, TrailForm
from taxonomy.models import Batch, Decision
from taxonomy.templatetags.kadai import moment
from taxonomy.trail import TrailFilter
from taxonomy.views.http import CuratorRequest, curators_only
from taxonomy.views.lines import who_decided
from taxonomy.views.steps import Line, lines_of, name_of, number_in
from taxonomy.vocabulary import Vocabulary

SIZE = 50


@dataclass(frozen=True)
class Pager:
    newer: str
    older: str


@never_cache
@require_safe
@curators_only
def overview(request: CuratorRequest) -> HttpResponse:
    form = TrailForm(request.GET)
    wanted = form.wanted if form.is_valid() else TrailFilter()
    rows, pager = _page(request.GET, wanted) if form.is_valid() else ([], Pager("", ""))
    context = {
        "form": form,
        "wanted": wanted,
        "asked": asked(request.GET),
        "lines": lines_of(rows, vocabulary.current(), names=True),
        "pager": pager,
        "head": sealing.head(),
        "may_revert": wanted.names_an_actor and batches.may_revert(request.user, wanted),
    }
    return render(request, "trail/list.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@curators_only
def revert(request: CuratorRequest) -> HttpResponse:
    """What taking these back would change; a POST does it."""
    form = TrailForm(request.GET)
    if not form.is_valid() or not form.wanted.names_an_actor:
        return redirect(f"{reverse('taxonomy:trail')}?{request.GET.urlencode()}")
    wanted = form.wanted
    if not batches.may_revert(request.user, wanted):
        raise PermissionDenied
    if request.method == "POST":
        return _begin(request, wanted)
    outlook, sample = batches.look_at_decisions(wanted)
    terms = vocabulary.current()
    pairs = {(one.paper_id, one.concept_id) for one in sample}
    steps = trail.without(wanted.rows().effective(), pairs)
    lines = [
        Line(one, terms.by_id[one.concept_id], who_decided(one, names=True),
             steps[one.paper_id, one.concept_id])
        for one in sample
    ]  # fmt: skip
    context = {
        "selection": described(wanted.as_json(), TrailForm, terms),
        "asked": asked(request.GET),
        "outlook": outlook,
        "lines": lines,
        "key": uuid4(),
    }
    return render(request, "trail/revert.html", context)


@never_cache
@require_POST
@curators_only
def show_name(request: CuratorRequest) -> HttpResponse:
    """Whether readers see this curator's name beside decisions, old ones too."""
    request.user.shows_name = request.POST.get("shown") == "on"
    request.user.save(update_fields=["shows_name"])
    said = (
        _("Readers see your name beside your decisions.")
        if request.user.shows_name
        else _("Readers see a number in place of your name.")
    )
    messages.success(request, said)
    return redirect("taxonomy:trail")


def begun_page(batch: Batch) -> HttpResponse:
    """To the page of a batch just begun, which goes on by itself where there is JavaScript."""
    return redirect(f"{batch.get_absolute_url()}{'' if batch.finished_at else '?on'}")


def asked(query: QueryDict) -> str:
    """The conditions alone, for the address of another page."""
    places = {"before", "after", "csrfmiddlewaretoken"}
    given = {name: value for name, value in query.items() if value and name not in places}
    return urlencode(given)


def described(
    selection: dict[str, Any], form: type[TrailForm | SuggestionsForm], terms: Vocabulary
) -> list[tuple[str, str]]:
    """What a stored selection asks for, in the words and in the order of its form."""
    found = []
    for name, field in form.base_fields.items():
        value = selection.get(name)
        if value is None:
            continue
        if name == "concept" and value in terms.by_slug:
            shown = terms.by_slug[value].label
        elif name == "verdict":
            shown = name_of(value)
        elif isinstance(field, MomentField):
            shown = moment(datetime.fromisoformat(value))
        else:
            shown = str(value)
        found.append((str(field.label), shown))
    return found


def _begin(request: CuratorRequest, wanted: TrailFilter) -> HttpResponse:
    form = BeginForm(request.POST)
    if not form.is_valid():  # only a hand-made request gets here
        return HttpResponseBadRequest(form.errors.as_text(), content_type="text/plain")
    try:
        batch = batches.begin_revert(wanted=wanted, user=request.user, **form.cleaned_data)
    except TaxonomyError as error:
        messages.error(request, str(error))
        return redirect("taxonomy:trail")
    return begun_page(batches.go_on(batch))


def _page(query: QueryDict, wanted: TrailFilter) -> tuple[list[Decision], Pager]:
    """One page by keyset, as fast at the end as at the beginning. One query."""
    rows = wanted.rows().select_related("paper", "actor", "reverted_by")
    rows = rows.defer("paper__search", "paper__abstract", "paper__abstract_plain")
    before, after = number_in(query.get("before", "")), number_in(query.get("after", ""))
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: SIZE + 1])
        more, found = len(found) > SIZE, found[:SIZE][::-1]
        return found, _pager(query, found, newer=more, older=True)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: SIZE + 1])
    more, found = len(found) > SIZE, found[:SIZE]
    return found, _pager(query, found, newer=before is not None, older=more)


def _pager(query: QueryDict, rows: list[Decision], *, newer: bool, older: bool) -> Pager:
    def url(**place: int) -> str:
        conditions = asked(query)
        return "?" + "&".join(part for part in (conditions, urlencode(place)) if part)

    if not rows:
        return Pager("", "")
    return Pager(
        newer=url(after=rows[0].pk) if newer else "",
        older=url(before=rows[-1].pk) if older else "",
    )
