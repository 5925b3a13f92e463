"""What a notice says, in the active language: the same in the inbox, by mail and in feeds."""

from dataclasses import dataclass
from urllib.parse import parse_qsl

from django.urls import reverse
from django.utils.translation import gettext as _

from taxonomy.models import Comment, Decision, Notice
from taxonomy.talk.topics import topic_of
from taxonomy.vocabulary import Vocabulary

EXCERPT = 280  # characters of a comment
Kind, Verdict = Notice.Kind, Decision.Verdict


@dataclass(frozen=True)
class Said:
    """A notice in words: what happened, to what, and where that is."""

    what: str
    title: str
    language: str  # of the title; empty: the page's
    url: str
    excerpt: str = ""


def say(notice: Notice, terms: Vocabulary) -> Said:
    """Reads notice.paper, .decision and .comment.author; no query after `with_words`."""
    what = _what(notice, terms)
    comment, url, excerpt = notice.comment, "", ""
    if comment is not None:
        url = reverse("taxonomy:comment", args=[comment.pk])
        excerpt = shortened(comment)
    if notice.paper is not None:
        paper = notice.paper
        return Said(what, paper.title_plain, "en", url or paper.get_absolute_url(), excerpt)
    if comment is not None and comment.topic:
        topic = topic_of(comment.topic)
        return Said(what, topic.title, topic.language, url, excerpt)
    term = terms.by_id[notice.concept_id or 0]
    return Said(what, term.label, "", url or term.url, excerpt)


def search_label(search: str, terms: Vocabulary) -> str:
    """A search that is followed, as people would say it."""
    words = dict(parse_qsl(search))
    parts = [_("“%(words)s”") % {"words": words["q"]}] if "q" in words else []
    for name in ("challenge", "domain"):
        if slug := words.get(name):
            term = terms.by_slug.get(slug)
            parts.append(term.label if term else slug)
    parts += [words[name] for name in ("category", "year") if name in words]
    said = {
        ("tagged", "yes"): _("On the map"),
        ("tagged", "no"): _("Not on the map yet"),
        ("withdrawn", "yes"): _("Withdrawn or removed"),
        ("withdrawn", "no"): _("None withdrawn"),
    }
    parts += [text for (name, value), text in said.items() if words.get(name) == value]
    return " · ".join(parts)


def shortened(comment: Comment) -> str:
    """Its beginning on one line; nothing of one that no longer stands."""
    if not comment.is_standing:
        return ""
    text = " ".join(comment.text.split())
    return text if len(text) <= EXCERPT else text[:EXCERPT].rsplit(" ", 1)[0] + " …"


def _what(notice: Notice, terms: Vocabulary) -> str:
    if notice.kind == Kind.DECISION and notice.decision is not None:
        concept = terms.by_id[notice.decision.concept_id].label
        return _verdict(notice.decision.verdict) % {"concept": concept}
    if notice.kind == Kind.FOUND:
        return _("Found for %(search)s") % {"search": search_label(notice.search, terms)}
    if notice.kind == Kind.VERSION:
        return _("Version %(number)s is out") % {"number": notice.version}
    if notice.kind == Kind.GONE:
        removed = notice.paper is not None and notice.paper.removed_at is not None
        return _("Removed by arXiv") if removed else _("Withdrawn")
    name = {"name": notice.comment.author.username if notice.comment else ""}
    if notice.kind == Kind.MENTION:
        return _("%(name)s mentioned you") % name
    return _("%(name)s commented") % name


def _verdict(verdict: str) -> str:
    return {
        str(Verdict.ACCEPT): _("Accepted for %(concept)s"),
        str(Verdict.REJECT): _("Rejected for %(concept)s"),
        str(Verdict.UNSURE): _("Left unsure for %(concept)s"),
        str(Verdict.RETRACT): _("A decision on %(concept)s was taken back"),
    }[str(verdict)]
