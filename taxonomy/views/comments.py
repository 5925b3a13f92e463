"""Comments under what they are about, and on a page of their own."""

import uuid
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxonomy import vocabulary
from taxonomy.errors import CommentClosed
from taxonomy.forms.talk import CommentForm, NewCommentForm
from taxonomy.models import Comment, Paper
from taxonomy.models.talk import CommentQuerySet
from taxonomy.talk import comments as talk
from taxonomy.talk.mentions import Piece, paragraphs_of
from taxonomy.talk.topics import topic_of
from taxonomy.views.http import CuratorRequest, PageRequest, only_with

LAST = 20  # comments at once

writers_only = only_with("taxonomy.add_comment", "taxonomy:inbox")
hiders_only = only_with("taxonomy.hide_comment", "taxonomy:inbox")


@dataclass(frozen=True)
class Subject:
    """What is commented on: a paper, a concept or a topic."""

    title: str
    language: str  # of the title; empty: the page's
    url: str
    comments_url: str
    paper: int | None = None
    concept: int | None = None
    topic: str = ""

    @property
    def comments(self) -> CommentQuerySet:
        return Comment.objects.about(self.paper, self.concept, self.topic)


@dataclass(frozen=True)
class CommentLine:
    """A comment as this reader sees it; without paragraphs where it is not theirs to read."""

    row: Comment
    paragraphs: list[list[list[Piece]]]
    is_own: bool


@dataclass(frozen=True)
class Talk:
    """A stretch of the comments on one subject, oldest first."""

    subject: Subject
    lines: list[CommentLine]
    count: int
    older: int  # the id to go on before; 0 at the beginning
    may_write: bool
    may_hide: bool
    form: forms.Form


def talk_about(
    request: PageRequest, subject: Subject, form: forms.Form | None = None, before: int = 0
) -> Talk:
    """For the page of the subject. One query; one more where not all are shown."""
    rows = subject.comments
    found = rows.select_related("author").order_by("-pk")
    if before:
        found = found.filter(pk__lt=before)
    last = list(found[: LAST + 1])
    shown = last[:LAST][::-1]
    all_shown = not before and len(last) <= LAST
    may_hide = request.user.has_perm("taxonomy.hide_comment")
    return Talk(
        subject,
        [_line(row, request, may_hide) for row in shown],
        sum(row.is_standing for row in shown) if all_shown else rows.standing().count(),
        shown[0].pk if len(last) > LAST else 0,
        request.user.has_perm("taxonomy.add_comment"),
        may_hide,
        form or NewCommentForm(initial={"key": uuid.uuid4()}),
    )


def about_paper(paper: Paper) -> Subject:
    url = reverse("taxonomy:paper-comments", args=[paper.arxiv_id])
    return Subject(paper.title_plain, "en", paper.get_absolute_url(), url, paper=paper.pk)


def about_concept(term: vocabulary.Term) -> Subject:
    url = reverse(f"taxonomy:{term.kind}-comments", args=[term.slug])
    return Subject(term.label, "", term.url, url, concept=term.id)


def about_topic(key: str) -> Subject:
    topic = topic_of(key)
    return Subject(topic.title, topic.language, topic.url, topic.comments_url, topic=key)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_paper(request: PageRequest, arxiv_id: str) -> HttpResponse:
    papers = Paper.objects.only("arxiv_id", "title_plain")
    return page_of(request, about_paper(get_object_or_404(papers, arxiv_id=arxiv_id)))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_challenge(request: PageRequest, slug: str) -> HttpResponse:
    return page_of(request, _concept(slug, "challenge"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def of_domain(request: PageRequest, slug: str) -> HttpResponse:
    return page_of(request, _concept(slug, "domain"))


@require_safe
def comment(request: PageRequest, pk: int) -> HttpResponse:
    """Leads to the page on which it stands."""
    row = _found(pk)
    return redirect(f"{_subject_of(row).comments_url}?before={row.pk + 1}#comment-{row.pk}")


@never_cache
@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: CuratorRequest, pk: int) -> HttpResponse:
    row = _own(request, pk)
    form = CommentForm(request.POST or None, initial={"text": row.text})
    if request.method == "POST" and form.is_valid():
        if not talk.WRITING.spend(str(request.user.pk)):
            return _too_many(request)
        try:
            talk.edit(request.user, pk, form.cleaned_data["text"])
        except CommentClosed as error:
            messages.warning(request, str(error))
        return redirect("taxonomy:comment", pk)
    context = {"form": form, "row": row, "subject": _subject_of(row)}
    return render(request, "talk/edit.html", context)


@never_cache
@writers_only
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: CuratorRequest, pk: int) -> HttpResponse:
    """Asks first; the words do not come back."""
    row = _own(request, pk)
    if request.method == "POST":
        try:
            talk.delete(request.user, pk)
        except CommentClosed as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, _("The comment is deleted."))
        return redirect("taxonomy:comment", pk)
    context = {"line": _line(row, request, False), "subject": _subject_of(row)}
    return render(request, "talk/delete.html", context)


@hiders_only
@require_POST
def hide(request: CuratorRequest, pk: int) -> HttpResponse:
    """Hides it from others, or with show=1 no longer."""
    _found(pk)
    if request.POST.get("show") == "1":
        talk.unhide(pk)
    else:
        talk.hide(request.user, pk)
    return redirect("taxonomy:comment", pk)


def page_of(request: PageRequest, subject: Subject) -> HttpResponse:
    """The comments alone; with htmx only their part of the page, or their number."""
    form, said = None, False
    if request.method == "POST":
        _refuse_strangers(request)
        if not request.user.is_authenticated:
            return redirect(f"{reverse('login')}?next={subject.comments_url}")
        form = NewCommentForm(request.POST)
        if form.is_valid():
            if not talk.WRITING.spend(str(request.user.pk)):
                return _too_many(request)
            row = talk.write(
                request.user,
                **form.cleaned_data,
                paper=subject.paper,
                concept=subject.concept,
                topic=subject.topic,
            )
            if not request.htmx:
                return redirect("taxonomy:comment", row.pk)
            form, said = None, True
    if request.GET.get("part") == "count":
        number = subject.comments.standing().count()
        return HttpResponse(str(number), content_type="text/plain")
    before = request.GET.get("before", "")
    before_pk = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0
    context = {"talk": talk_about(request, subject, form, before_pk), "said": said}
    part = "talk/_talk.html" if request.htmx else "talk/comments.html"
    return render(request, part, context)


def _refuse_strangers(request: PageRequest) -> None:
    if request.user.is_authenticated and not request.user.has_perm("taxonomy.add_comment"):
        raise PermissionDenied


def _line(row: Comment, request: PageRequest, may_hide: bool) -> CommentLine:
    is_own = row.author_id == request.user.pk
    readable = row.hidden_at is None or is_own or may_hide
    return CommentLine(row, paragraphs_of(row.text) if readable else [], is_own)


def _concept(slug: str, kind: str) -> Subject:
    term = vocabulary.current().by_slug.get(slug)
    if term is None or term.kind != kind:
        raise Http404(_("There is no such concept."))
    return about_concept(term)


def _found(pk: int) -> Comment:
    rows = Comment.objects.select_related("author", "paper").defer("paper__search")
    return get_object_or_404(rows, pk=pk)


def _own(request: CuratorRequest, pk: int) -> Comment:
    row = _found(pk)
    if row.author_id != request.user.pk or row.deleted_at:
        raise Http404(_("There is no such comment of yours."))
    return row


def _subject_of(row: Comment) -> Subject:
    if row.paper is not None:
        return about_paper(row.paper)
    if row.topic:
        return about_topic(row.topic)
    return about_concept(vocabulary.current().by_id[row.concept_id or 0])


def _too_many(request: PageRequest) -> HttpResponse:
    minutes = talk.WRITING.seconds // 60
    response = render(request, "people/too_many.html", {"minutes": minutes}, status=429)
    response["Retry-After"] = str(talk.WRITING.seconds)
    return response
