"""The pages on which a query is written, tried and taken away."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ingest import preview, queries, tasks
from ingest.forms import QueryForm, SearchForm, name_taken
from ingest.models import Pace, Preview, Query, Way
from ingest.views import for_keepers
from taxonomy.models import Paper
from taxonomy.views.http import CuratorRequest


@require_http_methods(["GET", "HEAD", "POST"])
@for_keepers
def write(request: CuratorRequest, slug: str = "") -> HttpResponse:
    """A new query, or one that is there. Without JavaScript, its preview, too."""
    query = Query.objects.filter(slug=slug).first() if slug else None
    is_sent = request.method == "POST"
    if slug and query is None and not is_sent:
        raise Http404
    form = QueryForm(request.POST if is_sent else None, query)
    context: dict[str, object] = {
        "form": form,
        "query": query,
        "revision": query.revision if query else "",
        "was_deleted": bool(slug and query is None),
    }
    if is_sent and "preview" in request.POST:
        form.is_valid()
        context["revision"] = form.cleaned_data.get("revision") or ""
        context["look"] = Look.at(form, request)
    elif is_sent and form.is_valid() and not context["was_deleted"]:
        try:
            saved = _save(form, query)
        except queries.NameTaken:
            form.add_error("name", name_taken())
        except queries.ChangedMeanwhile as meanwhile:
            context |= _told(form, meanwhile.query)
        else:
            messages.success(request, _("“%(query)s” is saved.") % {"query": saved.title})
            return redirect("ingest:overview")
    return render(request, "ingest/query.html", context)


def _save(form: QueryForm, query: Query | None) -> Query:
    if query is None:
        return queries.add(form.values())
    return queries.change(query, form.values(), revision=form.cleaned_data["revision"] or 0)


def _told(form: QueryForm, theirs: Query | None) -> dict[str, object]:
    """What the second of two editors sees: all that was written, and what stands now."""
    if theirs is None:
        return {"was_deleted": True, "query": None, "revision": ""}
    return {
        "was_changed": True,
        "differences": form.differences(theirs),
        "revision": theirs.revision,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@for_keepers
def delete(request: CuratorRequest, slug: str) -> HttpResponse:
    query = get_object_or_404(Query, slug=slug)
    was_changed = False
    if request.method == "POST":
        revision = request.POST.get("revision", "")
        try:
            queries.delete(query, revision=int(revision) if revision.isdecimal() else 0)
        except queries.ChangedMeanwhile as meanwhile:
            query, was_changed = meanwhile.query or query, True
        else:
            text = _("“%(query)s” is deleted. Its runs and papers are still here.")
            messages.success(request, text % {"query": query.title})
            return redirect("ingest:overview")
    context = {"query": query, "was_changed": was_changed, "runs": query.harvests.count()}
    return render(request, "ingest/query_delete.html", context)


@require_POST
@for_keepers
def look(request: CuratorRequest) -> HttpResponse:
    """What arXiv would send for the search in the form, as far as it is known by now."""
    form = SearchForm(request.POST)
    form.is_valid()
    context = {"form": form, "look": Look.at(form, request), "is_part": True}
    context["is_poll"] = request.htmx.trigger == "preview"
    return render(request, "ingest/_preview.html", context)


@dataclass(frozen=True)
class Look:
    """What a preview shows of a search; without `preview`, why there is none."""

    preview: Preview | None = None
    pace: Pace | None = None
    papers: tuple[tuple[dict[str, Any], bool], ...] = ()  # and whether it is here
    is_estimate: bool = False
    is_follower: bool = False
    is_wrong: bool = False

    @classmethod
    def at(cls, form: SearchForm, request: CuratorRequest) -> "Look":
        """Wakes a worker where arXiv has to be asked."""
        values = form.cleaned_data
        if form.errors.keys() & {"way", "search", "match"}:
            return cls(is_wrong=True)
        if values["known_only"]:
            return cls(is_follower=True)
        search = preview.as_search(values["way"], values["search"], values["match"])
        if search is None:
            return cls()
        found, must_tell = preview.want(search, request.user)
        if must_tell:
            transaction.on_commit(partial(tasks.answer_preview.delay, found.digest))
        pace = None if found.is_answered else Pace.objects.filter(id=1).first()
        ids = [paper["arxiv_id"] for paper in found.papers]
        here = set(Paper.objects.filter(arxiv_id__in=ids).values_list("arxiv_id", flat=True))
        papers = tuple(
            (paper | {"day": date.fromisoformat(paper["published"])}, paper["arxiv_id"] in here)
            for paper in found.papers
        )
        return cls(found, pace, papers, is_estimate=values["way"] == Way.OAI)

    @property
    def is_waiting(self) -> bool:
        """A worker has been told, or will be when arXiv may be asked again."""
        return bool(self.preview and not self.preview.is_answered and not self.is_stopped)

    @property
    def is_stopped(self) -> bool:
        return bool(self.pace and self.pace.stopped)
