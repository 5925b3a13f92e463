"""Pages by keyset: `next` is as fast at the millionth row as at the first.

A cursor holds the ordering it belongs to, a direction, and the values of the row at the
edge, so that rows that come and go meanwhile neither repeat nor hide others.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from taxonomy.api.errors import BadParameter
from taxonomy.vocabulary import Term

DEFAULT_SIZE = 50
LARGEST_SIZE = 200
LARGEST_ID = 2**63 - 1

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Order:
    """A named ordering: by a field of time and then by a unique number, or by that alone."""

    name: str
    field: str = ""
    unique: str = "id"
    descending: bool = True

    def columns(self, *, backwards: bool = False) -> list[str]:
        sign = "-" if self.descending != backwards else ""
        return [sign + name for name in (self.field, self.unique) if name]

    def beyond(self, cursor: "Cursor") -> Q:
        """What comes after the cursor's row, in the cursor's direction."""
        step = "lt" if self.descending != cursor.backwards else "gt"
        further = Q(**{f"{self.unique}__{step}": cursor.number})
        if not self.field:
            return further
        # The first condition is implied, and lets the index begin at the right place.
        return Q(**{f"{self.field}__{step}e": cursor.moment}) & (
            Q(**{f"{self.field}__{step}": cursor.moment}) | further
        )


@dataclass(frozen=True)
class Cursor:
    """The row at the edge of a page; `moment` where the ordering has a field of time."""

    order: str
    backwards: bool
    number: int
    moment: datetime | None = None

    def encode(self) -> str:
        moment = self.moment.isoformat() if self.moment else None
        values = json.dumps([self.order, int(self.backwards), self.number, moment])
        return base64.urlsafe_b64encode(values.encode()).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str) -> "Cursor":
        """ValueError for anything that `encode` has not made."""
        try:
            values = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
            order, backwards, number, moment = json.loads(values)
        except (binascii.Error, RecursionError, TypeError) as error:
            raise ValueError("no cursor") from error
        cursor_types = (type(order), type(backwards), type(number))
        if cursor_types != (str, int, int) or not 0 <= number <= LARGEST_ID:
            raise ValueError("no cursor")
        if moment is None:
            return cls(order, bool(backwards), number)
        if not isinstance(moment, str):
            raise ValueError("no cursor")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError("no cursor")
        try:
            return cls(order, bool(backwards), number, at.astimezone(UTC))
        except OverflowError as error:
            raise ValueError("no cursor") from error


class CursorPagination(BasePagination):
    """`next`, `previous` and `results`; the same addresses in the Link header."""

    def __init__(self) -> None:
        self.next: str | None = None
        self.previous: str | None = None

    def page(self, rows: "QuerySet[M]", request: Request, order: Order) -> list[M]:
        """One page of `rows`, which come unordered. One query."""
        cursor, size = _asked(request, order), _size(request)
        backwards = bool(cursor and cursor.backwards)
        if cursor:
            rows = rows.filter(order.beyond(cursor))
        found = list(rows.order_by(*order.columns(backwards=backwards))[: size + 1])
        more, found = len(found) > size, found[:size]
        if backwards:
            found.reverse()
        if found and (more or backwards):
            self.next = _address(request, _edge(order, found[-1], backwards=False))
        if found and (more if backwards else cursor):
            self.previous = _address(request, _edge(order, found[0], backwards=True))
        return found

    def page_of_terms(self, terms: Sequence[Term], request: Request) -> list[Term]:
        """One page of concepts, which are in memory and keep the vocabulary's order."""
        order = Order("vocabulary")
        cursor, size = _asked(request, order), _size(request)
        at = {term.id: index for index, term in enumerate(terms)}
        if cursor is None:
            start = 0
        elif cursor.number not in at:
            raise BadParameter({"cursor": _("This cursor belongs to no list of ours.")})
        elif cursor.backwards:
            start = max(at[cursor.number] - size, 0)
        else:
            start = at[cursor.number] + 1
        stop = at[cursor.number] if cursor and cursor.backwards else start + size
        found = list(terms[start:stop])
        if found and stop < len(terms):
            edge = Cursor(order.name, False, found[-1].id)
            self.next = _address(request, edge)
        if found and start > 0:
            self.previous = _address(request, Cursor(order.name, True, found[0].id))
        return found

    def get_paginated_response(self, data: Any) -> Response:
        body = {"next": self.next, "previous": self.previous, "results": data}
        return Response(body, headers=self.link_header())

    def link_header(self) -> dict[str, str]:
        """RFC 8288; for bodies that have no room for `next`, too."""
        links = (("next", self.next), ("prev", self.previous))
        value = ", ".join(f'<{url}>; rel="{rel}"' for rel, url in links if url)
        return {"Link": value} if value else {}

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        address = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": address, "previous": address, "results": schema},
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "description": "Where a page begins: taken from `next` or `previous`.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "description": "Rows on a page.",
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": LARGEST_SIZE,
                    "default": DEFAULT_SIZE,
                },
            },
        ]


def _asked(request: Request, order: Order) -> Cursor | None:
    text = request.query_params.get("cursor", "")
    if not text:
        return None
    try:
        cursor = Cursor.decode(text)
    except ValueError:
        cursor = None
    timed = bool(cursor and cursor.moment)
    if cursor is None or cursor.order != order.name or timed != bool(order.field):
        raise BadParameter({"cursor": _("This cursor belongs to no list of ours.")})
    return cursor


def _size(request: Request) -> int:
    text = request.query_params.get("page_size", "")
    if not text:
        return DEFAULT_SIZE
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= LARGEST_SIZE):
        message = _("page_size goes from 1 to %(most)d.") % {"most": LARGEST_SIZE}
        raise BadParameter({"page_size": message})
    return int(text)


def _edge(order: Order, row: Model, *, backwards: bool) -> Cursor:
    moment = getattr(row, order.field) if order.field else None
    return Cursor(order.name, backwards, getattr(row, order.unique), moment)


def _address(request: Request, cursor: Cursor) -> str:
    here = request.build_absolute_uri()
    return str(replace_query_param(here, "cursor", cursor.encode()))
