"""For feed readers: newest papers, of everything and of one concept; and one's own inbox."""

import hashlib
from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from taxonomy import vocabulary
from taxonomy.interchange import feeds
from taxonomy.models import Notice, Paper, Tag
from taxonomy.talk import private_feed
from taxonomy.talk.words import Said, say
from taxonomy.vocabulary import Term

ENTRIES = 50
CONTENT_TYPE = "application/atom+xml; charset=utf-8"


@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    newest = Paper.objects.defer("search").newest_first()[:ENTRIES]
    return _feed(
        request,
        newest,
        name="papers",
        title=_("Newest papers · Kadai"),
        subtitle=_("Papers of the atlas of the challenges of large language models."),
        page=reverse("taxonomy:papers"),
    )


@require_safe
def challenge(request: HttpRequest, slug: str) -> HttpResponse:
    return _of_concept(request, slug, "challenge")


@require_safe
def domain(request: HttpRequest, slug: str) -> HttpResponse:
    return _of_concept(request, slug, "domain")


@require_safe
def mine(request: HttpRequest, secret: str) -> HttpResponse:
    """The inbox of whoever the secret belongs to; reading it here marks nothing as read."""
    owner = private_feed.owner_of(secret)
    if owner is None:
        raise Http404(_("There is no such feed."))
    terms = vocabulary.current()
    notices = Notice.objects.filter(user=owner).with_words()[:ENTRIES]
    feed = feeds.Feed(
        name=f"following/{owner.pk}",
        title=_("What I follow · Kadai"),
        subtitle=_("News of the challenges, domains, papers and searches that I follow."),
        language=get_language() or "en",
        page_url=request.build_absolute_uri(reverse("taxonomy:inbox")),
        feed_url=request.build_absolute_uri(request.path),
        root=request.build_absolute_uri("/"),
        host=request.get_host().partition(":")[0],
    )
    entries = [_entry(request, one, say(one, terms)) for one in notices]
    response = _answer(request, feeds.write_entries(feed, entries), "private, max-age=300")
    response["X-Robots-Tag"] = "noindex"
    return response


def _entry(request: HttpRequest, notice: Notice, said: Said) -> feeds.Entry:
    return feeds.Entry(
        name=f"notice/{notice.pk}",
        title=f"{said.what}: {said.title}",
        summary=said.excerpt,
        url=request.build_absolute_uri(said.url),
        at=notice.at,
    )


def _of_concept(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    term: Term | None = vocabulary.current().by_slug.get(slug)
    if term is None or term.kind != kind:
        raise Http404(_("There is no such concept."))
    tags = Tag.objects.filter(concept=term.id).newest_first().select_related("paper")
    tags = tags.defer("paper__search")
    return _feed(
        request,
        [tag.paper for tag in tags[:ENTRIES]],
        name=f"{kind}s/{slug}",
        title=_("%(concept)s · Kadai") % {"concept": term.label},
        subtitle=term.definition,
        page=term.url,
    )


def _feed(
    request: HttpRequest,
    papers: Iterable[Paper],
    *,
    name: str,
    title: str,
    subtitle: str,
    page: str,
) -> HttpResponse:
    feed = feeds.Feed(
        name=name,
        title=title,
        subtitle=subtitle,
        language=get_language() or "en",
        page_url=request.build_absolute_uri(page),
        feed_url=request.build_absolute_uri(request.path),
        root=request.build_absolute_uri("/"),
        host=request.get_host().partition(":")[0],
    )
    return _answer(request, feeds.write(feed, papers), "public, max-age=600")


def _answer(request: HttpRequest, body: str, caching: str) -> HttpResponse:
    """The document, or that it has not changed."""
    response = HttpResponse(body, content_type=CONTENT_TYPE)
    response["Cache-Control"] = caching
    response["ETag"] = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
    found = get_conditional_response(request, etag=response["ETag"], response=response)
    return found or response
