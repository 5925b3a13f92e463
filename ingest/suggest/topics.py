"""Candidates as topics of talk: they are named by their phrase, since rows come and go."""

from django.urls import reverse

from taxonomy.talk.topics import Topic

KIND = "candidate"


def key_of(phrase: str) -> str:
    """What comments on it are kept under."""
    return f"{KIND}:{phrase}"


def name_of(phrase: str) -> str:
    """As addresses have it; no word of a phrase has an underscore."""
    return phrase.replace(" ", "_")


def phrase_of(name: str) -> str:
    return name.replace("_", " ")


def find(phrase: str) -> Topic:
    name = name_of(phrase)
    return Topic(
        title=phrase,
        language="en",
        url=reverse("ingest:candidate", args=[name]),
        comments_url=reverse("ingest:candidate-comments", args=[name]),
    )
