"""What is said with a decision: unsure, a reason, a note; and putting a paper off."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Decision, Skip
from tests.factories import CuratorFactory, ScreeningFactory, SuggestionFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


@pytest.fixture
def paper(db):
    """With two suggestions, so that one decision does not close it."""
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(2, paper=paper)
    return paper


@pytest.fixture
def concept(paper):
    return paper.suggestions.first().concept


def send(client, paper, concept, **values):
    return client.post(
        reverse("taxonomy:review-decide", args=[paper.arxiv_id]),
        {"concept": concept.slug, "shown": paper.arxiv_id, **values},
        headers=HTMX,
    )


def standing(paper):
    found = Decision.objects.standing().filter(paper=paper)
    return [(one.verdict, one.reason, one.note) for one in found]


def test_unsure_is_a_decision_of_its_own(desk, paper, concept):
    response = send(desk, paper, concept, verdict="unsure")
    assert "Unsure about <b>" in response.text
    assert 'data-verdict="unsure" aria-pressed="true"' in response.text
    assert standing(paper) == [("unsure", "", "")]


def test_a_reason_alone_rejects(desk, paper, concept):
    response = send(desk, paper, concept, reason="only-mentions")
    assert "</b>: mentions it only" in response.text
    assert standing(paper) == [("reject", "only-mentions", "")]


def test_a_reason_given_after_the_verdict_takes_its_place_and_undo_brings_that_back(
    desk, paper, concept
):
    send(desk, paper, concept, verdict="reject", key="0123456789ab")
    send(desk, paper, concept, reason="off-topic", key="0123456789ab")
    assert standing(paper) == [("reject", "off-topic", "")]
    desk.post(reverse("taxonomy:review-undo"), headers=HTMX)
    assert standing(paper) == [("reject", "", "")]


def test_an_accept_has_no_reason(desk, paper, concept):
    send(desk, paper, concept, verdict="accept", reason="off-topic", note="clear case")
    assert standing(paper) == [("accept", "", "clear case")]


@pytest.mark.parametrize("verdict", ["accept", "reject", "unsure"])
def test_a_note_goes_with_any_verdict_and_is_shown_to_who_wrote_it(
    desk, paper, concept, verdict
):
    response = send(desk, paper, concept, verdict=verdict, note="see section 4")
    assert 'name="note" value="see section 4"' in response.text
    assert standing(paper) == [(verdict, "", "see section 4")]


def test_the_note_of_another_curator_is_not_taken_over(desk, paper, concept):
    other = Actor.person(CuratorFactory())
    curation.decide(paper=paper, concept=concept, verdict="accept", actor=other, note="theirs")
    assert 'value="theirs"' not in desk.get(reverse("taxonomy:review")).text


def test_a_note_without_a_verdict_is_refused_in_words(desk, paper, concept):
    assert "A note goes with a decision" in send(desk, paper, concept, note="so").text
    assert standing(paper) == []


@pytest.mark.parametrize(
    "values", [{"reason": "because"}, {"verdict": "accept", "note": "x" * 501}]
)
def test_reasons_are_a_fixed_list_and_notes_are_short(desk, paper, concept, values):
    assert send(desk, paper, concept, **values).status_code == 400


def test_the_same_request_twice_with_a_reason_decides_once(desk, paper, concept):
    for _ in range(2):
        send(desk, paper, concept, reason="off-topic", key="0123456789ab")
    assert Decision.objects.count() == 1


def test_unsure_about_all_that_is_open_closes_the_paper(desk, paper):
    response = desk.post(
        reverse("taxonomy:review-rest", args=[paper.arxiv_id]),
        {"verdict": "unsure"},
        headers=HTMX,
    )
    assert "Unsure about 2 suggestions" in response.text
    assert standing(paper) == [("unsure", "", "")] * 2


@pytest.mark.parametrize(
    ("values", "said", "hours"),
    [({}, "Skipped", 24), ({"later": "on"}, "Put off", 1)],
)
def test_a_paper_comes_again_tomorrow_or_in_an_hour(desk, paper, values, said, hours):
    address = reverse("taxonomy:review-skip", args=[paper.arxiv_id])
    assert said in desk.post(address, values, headers=HTMX).text
    wait = Skip.objects.get().until - timezone.now()
    assert timedelta(hours=hours, minutes=-1) < wait < timedelta(hours=hours)


def test_every_reason_has_its_key_on_a_button(desk, paper, concept):
    text = desk.get(reverse("taxonomy:review")).text
    form = f'form="decide-{concept.slug}" name="reason" value="(.*?)".*?<kbd.*?>(.)</kbd>'
    assert dict(re.findall(form, text)) == {
        "off-topic": "o", "only-mentions": "m", "only-uses": "t", "too-broad": "b",
        "too-narrow": "n", "wrong-sense": "w",
    }  # fmt: skip
