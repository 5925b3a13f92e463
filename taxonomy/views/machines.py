"""For crawlers: what there is, and where they may go."""

from collections.abc import Iterator
from xml.sax.saxutils import escape

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.http import require_safe

from taxonomy import vocabulary
from taxonomy.models import Paper

NEWEST = 5_000
PLACES = ("atlas", "challenges", "domains", "papers")


@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """Places, concepts and the newest papers, each in every language."""
    entries = "\n".join(_entries(request))
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
        f'xmlns:xhtml="http://www.w3.org/1999/xhtml">\n{entries}\n</urlset>\n'
    )
    return HttpResponse(body, content_type="application/xml")


def _entries(request: HttpRequest) -> Iterator[str]:
    roots = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            roots[code] = request.build_absolute_uri(reverse("taxonomy:atlas"))
    here = len(reverse("taxonomy:atlas"))
    for path, day in _addresses():
        urls = {code: escape(root + path[here:]) for code, root in roots.items()}
        links = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{url}"/>'
            for code, url in urls.items()
        )
        changed = f"<lastmod>{day}</lastmod>" if day else ""
        for url in urls.values():
            yield f"<url><loc>{url}</loc>{changed}{links}</url>"


def _addresses() -> Iterator[tuple[str, str]]:
    for place in PLACES:
        yield reverse(f"taxonomy:{place}"), ""
    for term in vocabulary.current():
        if not term.deprecated:
            yield term.url, f"{term.modified_at:%Y-%m-%d}"
    newest = Paper.objects.newest_first().values_list("arxiv_id", "updated_at")
    for arxiv_id, updated_at in newest[:NEWEST]:
        yield reverse("taxonomy:paper", args=[arxiv_id]), f"{updated_at:%Y-%m-%d}"


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """The endless combinations of filters are not worth a crawler's time, nor ours."""
    lines = [
        "User-agent: *",
        "Disallow: /papers/?",
        "Disallow: /ja/papers/?",
        "Disallow: /review/",
        "Disallow: /ja/review/",
        "Disallow: /trail/",
        "Disallow: /ja/trail/",
        "Disallow: /admin/",
        f"Sitemap: {request.build_absolute_uri(reverse('taxonomy:sitemap'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
