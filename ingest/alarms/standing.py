"""The alarms as a page shows them: with their words, and what was not told."""

from collections.abc import Iterable
from dataclasses import dataclass

from ingest.alarms import words
from ingest.models import Alarm, Delivery, Refusal

UNTOLD = 3  # messages in trouble that are shown
REFUSED_CAP = 1_000


@dataclass(frozen=True)
class Spoken:
    """An alarm and its words in the reader's language."""

    alarm: Alarm
    words: words.Words


@dataclass(frozen=True)
class Standing:
    """What is wrong now."""

    open: list[Spoken]
    untold: list[Delivery]
    refused: int  # records that are not settled, counted to REFUSED_CAP

    @property
    def is_refused_capped(self) -> bool:
        return self.refused >= REFUSED_CAP


def standing() -> Standing:
    """Three queries."""
    return Standing(
        open=spoken(Alarm.objects.for_list().open()),
        untold=list(Delivery.objects.in_trouble()[:UNTOLD]),
        refused=Refusal.objects.open()[:REFUSED_CAP].count(),
    )


def spoken(alarms: Iterable[Alarm]) -> list[Spoken]:
    return [Spoken(alarm, words.of(alarm)) for alarm in alarms]
