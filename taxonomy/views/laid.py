"""The paper as it is laid out on the desk, as HTML."""

from django.forms import Field
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from taxonomy.forms.queues import QueueForm
from taxonomy.highlighting import Piece
from taxonomy.queues import Queue
from taxonomy.templatetags.kadai import submitted
from taxonomy.views import pieces
from taxonomy.views.desk import Desk, Reading
from taxonomy.views.frames import fill
from taxonomy.views.lines import PaperLine

ORDERS: Field = QueueForm.base_fields["order"]


def laid(desk: Desk, reading: Reading, queue: Queue, fields: SafeString) -> SafeString:
    """The paper with its rows, and all that can be done to it; `fields` are the hidden ones."""
    paper = desk.paper
    slots = {
        "arxiv_id": paper.arxiv_id,
        "url": paper.abs_url,
        "day": f"{paper.published_at:%Y-%m-%d}",
        "submitted": submitted(paper),
        "categories": ", ".join(paper.categories),
        "title": _marked(reading.title),
        "authors": ", ".join(reading.first_authors),
        "notices": _notices(desk, reading),
        "abstract": _marked(reading.abstract),
        "comment": paper.comment,
        "rows": pieces.rows(desk, fields),
        "add": _add(desk, reading, fields),
        "actions": pieces.actions(desk, fields),
        "order": fill("review/_order.html", {}, queue=queue, orders=ORDERS),
        "alike": mark_safe("".join(map(_alike, reading.similar))),
    }
    return fill(
        "review/_desk.html",
        slots,
        version=paper.version,
        has_categories=bool(paper.categories),
        has_authors=bool(reading.first_authors),
        more_authors=reading.more_authors,
        has_abstract=bool(paper.abstract_plain),
        has_comment=bool(paper.comment) and not paper.is_gone,
        has_alike=bool(reading.similar),
        suggester=desk.suggester,
        vocabulary=desk.vocabulary,
    )


def _marked(text: list[Piece]) -> SafeString:
    return mark_safe("".join(map(_piece, text)))


def _piece(piece: Piece) -> SafeString:
    name = "review/_marked.html" if piece.hue else "review/_unmarked.html"
    return fill(name, {"text": piece.text, "label": piece.label}, hue=piece.hue)


def _notices(desk: Desk, reading: Reading) -> str:
    """What is out of the ordinary; most papers have none of it."""
    if desk.is_waiting and not (desk.paper.is_gone or desk.read_version or reading.since):
        return ""
    return render_to_string("review/_notices.html", {"desk": desk, "reading": reading})


def _add(desk: Desk, reading: Reading, fields: SafeString) -> SafeString:
    slots = {
        "find": pieces.address("paper", desk.paper),
        "decide": pieces.address("decide", desk.paper),
        "asked": reading.asked,
        "hidden": fields,
    }
    terms = tuple(match.term for match in reading.matches) if reading.asked else ()
    return fill("review/_add.html", slots, terms=terms, has_asked=bool(reading.asked))


def _alike(line: PaperLine) -> SafeString:
    paper = line.paper
    slots = {
        "url": pieces.page_of(paper),
        "title": paper.title_plain,
        "arxiv_id": paper.arxiv_id,
        "day": f"{paper.published_at:%Y-%m-%d}",
        "submitted": submitted(paper),
        "chips": fill("_shared/chips.html", {}, terms=line.terms),
    }
    is_removed, is_withdrawn = paper.removed_at is not None, paper.withdrawn
    return fill("review/_alike.html", slots, is_removed=is_removed, is_withdrawn=is_withdrawn)
