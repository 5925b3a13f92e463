"""What templates use: dates in words, code in texts, addresses in the other language."""

from dataclasses import dataclass
from datetime import date, datetime

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.template import Context
from django.urls import NoReverseMatch, reverse, translate_url
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, get_language_info, override

from taxonomy.models import Paper

register = template.Library()

DATES = {"ja": "Y年n月j日"}
MONTHS = {"ja": "Y年n月"}


def _format(formats: dict[str, str], default: str) -> str:
    return formats.get((get_language() or "en")[:2], default)


@register.filter
def words(value: date | datetime | None) -> str:
    """14 May 2026, 2026年5月14日."""
    return date_format(value, _format(DATES, "j F Y")) if value else ""


@register.filter
def month_words(value: date | None) -> str:
    """May 2026, 2026年5月."""
    return date_format(value, _format(MONTHS, "F Y")) if value else ""


@register.filter
def submitted(paper: Paper) -> str:
    """14 May 2026; only the month while nothing but the id is known of the paper."""
    return words(paper.published_at) if paper.fetched_at else month_words(paper.published_at)


@register.filter
def month_short(value: date) -> str:
    """May; with the year in the first quarter: charts label one month in three."""
    with_year = value.month <= 3
    if _format(DATES, ""):
        return date_format(value, "Y年n月" if with_year else "n月")
    return date_format(value, "M Y" if with_year else "M")


@register.filter
def moment(value: datetime | None) -> str:
    """14 May 2026, 09:30 UTC."""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{words(local)} {date_format(local, 'H:i')} {local:%Z}".strip()


@register.filter
def percent(share: float) -> str:
    """0.873: 87 %."""
    return f"{round(100 * share)} %"


@register.filter
def with_code(text: str) -> SafeString:
    """What stands between backticks, as code."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((_code(part) if at % 2 else part,) for at, part in parts)
    )


def _code(text: str) -> SafeString:
    return format_html("<code>{}</code>", text)


@dataclass(frozen=True)
class Alternate:
    """This page in one language."""

    code: str
    name: str
    url: str
    absolute: str


@register.simple_tag(takes_context=True)
def language_alternates(context: Context) -> list[Alternate]:
    """The page in every language, and x-default; where there is no page, the atlas."""
    request: HttpRequest | None = context.get("request")
    if request is None:
        return []
    path = request.get_full_path()
    found = []
    for code, _name in settings.LANGUAGES:
        url = translate_url(path, code)
        if url == path and code != get_language():
            with override(code):
                url = reverse("taxonomy:atlas")
        name = get_language_info(code)["name_local"]
        found.append(Alternate(code, name, url, request.build_absolute_uri(url)))
    default = found[0]
    return [*found, Alternate("x-default", default.name, default.url, default.absolute)]


@register.simple_tag
def place_url(name: str) -> str:
    """The address of a page that this installation may not have."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
