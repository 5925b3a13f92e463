"""What else is talked about: things that another app keeps, each under a name that lasts."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse


@dataclass(frozen=True)
class Topic:
    """What it is called, in which language, and where it and what is said of it stand."""

    title: str
    language: str
    url: str
    comments_url: str


Find = Callable[[str], Topic]
_kinds: dict[str, Find] = {}


def also_about(kind: str, find: Find) -> None:
    """Another app says where things of a kind stand, by name; called once, as it starts."""
    _kinds[kind] = find


def topic_of(key: str) -> Topic:
    """By `kind:name`. Of a kind that nobody tells of any more, the name is left."""
    kind, _colon, name = key.partition(":")
    if kind in _kinds:
        return _kinds[kind](name)
    start = reverse("taxonomy:atlas")
    return Topic(name, "", start, start)
