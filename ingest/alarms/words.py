"""What an alarm says, in the language that is active: what is wrong, and what to do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest.models import Alarm
from taxonomy.templatetags.kadai import moment

Kind = Alarm.Kind


@dataclass(frozen=True)
class Words:
    title: str
    text: str
    advice: str
    path: str  # of the page where something can be done
    detail: str = ""  # what arXiv or the database said, in English


def of(alarm: Alarm) -> Words:
    """Reads alarm.query and alarm.harvest."""
    say = _SAYINGS.get(alarm.kind)
    if say is None:  # written by newer code
        return Words(alarm.kind, alarm.subject, "", reverse("ingest:overview"))
    return say(alarm, alarm.facts)


def _refused_us(alarm: Alarm, facts: dict[str, Any]) -> Words:
    return Words(
        _("arXiv refused us"),
        _("arXiv answered that it does not want our requests. Nothing is asked any more."),
        _("Find out why before you press “Ask again”: going on in spite of it is an attack."),
        reverse("ingest:overview"),
        _said(facts),
    )


def _unreachable(alarm: Alarm, facts: dict[str, Any]) -> Words:
    return Words(
        _("arXiv cannot be reached"),
        _("No request has brought an answer since %(moment)s.") % {"moment": _when(facts)},
        _("Runs wait and go on by themselves. If it lasts: is this machine online?"),
        reverse("ingest:overview"),
        _said(facts),
    )


def _run_failed(alarm: Alarm, facts: dict[str, Any]) -> Words:
    return Words(
        _("A run failed: %(name)s") % {"name": _name(alarm)},
        _("It stopped at an error that waiting does not mend. What came before is kept."),
        _("Read its error, mend the query if it is at fault, and go on with the run."),
        alarm.harvest.get_absolute_url() if alarm.harvest else reverse("ingest:overview"),
        _said(facts),
    )


def _overdue(alarm: Alarm, facts: dict[str, Any]) -> Words:
    return Words(
        _("No successful run for long: %(name)s") % {"name": _name(alarm)},
        _("It should be here by now: nothing has come to its end since %(moment)s.")
        % {"moment": _when(facts)},
        _("Look at its last run: it says what it waits for."),
        reverse("ingest:overview"),
    )


def _no_results(alarm: Alarm, facts: dict[str, Any]) -> Words:
    return Words(
        _("Nothing found any more: %(name)s") % {"name": _name(alarm)},
        _("The runs before brought papers. The last brought none, though arXiv had news."),
        _("Try the search on arXiv. If it finds papers, pull again; else mend the query."),
        _run_path(facts),
    )


def _records_refused(alarm: Alarm, facts: dict[str, Any]) -> Words:
    count = int(facts.get("records", 0))
    return Words(
        _("Many records were refused"),
        ngettext(
            "%(count)d record of the last 24 hours could not be taken in.",
            "%(count)d records of the last 24 hours could not be taken in.",
            count,
        )
        % {"count": count},
        _("Look at their reasons: one reason for all of them means that a format has changed."),
        reverse("ingest:refusals"),
    )


def _gaps(alarm: Alarm, facts: dict[str, Any]) -> Words:
    count = int(facts.get("missing", 0))
    return Words(
        _("Papers are missing"),
        ngettext(
            "%(count)d paper that arXiv has is not here.",
            "%(count)d papers that arXiv has are not here.",
            count,
        )
        % {"count": count},
        _("They are asked for by themselves. Those that do not come are listed by the audit."),
        reverse("ingest:overview"),
        _said(facts),
    )


_SAYINGS: dict[str, Callable[[Alarm, dict[str, Any]], Words]] = {
    Kind.REFUSED_US: _refused_us,
    Kind.UNREACHABLE: _unreachable,
    Kind.RUN_FAILED: _run_failed,
    Kind.OVERDUE: _overdue,
    Kind.NO_RESULTS: _no_results,
    Kind.RECORDS_REFUSED: _records_refused,
    Kind.GAPS: _gaps,
}


def _name(alarm: Alarm) -> str:
    if alarm.harvest:
        return alarm.harvest.title
    return alarm.query.title if alarm.query else alarm.subject


def _said(facts: dict[str, Any]) -> str:
    return str(facts.get("error", ""))


def _when(facts: dict[str, Any]) -> str:
    since = parse_datetime(str(facts.get("since", "")))
    return moment(since) if since else "?"


def _run_path(facts: dict[str, Any]) -> str:
    run = facts.get("run")
    return reverse("ingest:run", args=[run]) if run else reverse("ingest:overview")
