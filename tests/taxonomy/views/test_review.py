"""The review desk as pages, as pieces for its script, and as plain forms."""

import re

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from taxonomy import curation, queue
from taxonomy.curation import Actor
from taxonomy.models import Decision, Paper, Screening, Tag
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)

REVIEW = reverse("taxonomy:review")
UNDO = reverse("taxonomy:review-undo")
HTMX = {"HX-Request": "true"}


def at(name, paper):
    return reverse(f"taxonomy:review-{name}", args=[paper.arxiv_id])


def send(client, name, paper, headers=None, **values):
    return client.post(at(name, paper), values, headers=headers)


def said(response):
    """What a plain form's answer will say on the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]


def verdicts():
    found = Decision.objects.effective().order_by("id")
    return list(found.values_list("concept__slug", "verdict"))


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


# Who gets in


def test_the_desk_sends_a_visitor_to_the_sign_in_page(client, db):
    response = client.get(REVIEW)
    assert response.status_code == 302
    assert response.url == f"{reverse('login')}?next={REVIEW}"


def test_the_desk_refuses_a_reader(client, reader):
    client.force_login(reader)
    response = client.get(REVIEW)
    assert response.status_code == 403
    assert "For curators only" in response.text


@pytest.mark.parametrize("name", ["decide", "rest", "finish", "skip"])
def test_no_act_is_open_to_a_reader(client, reader, name):
    paper = SuggestionFactory().paper
    client.force_login(reader)
    assert send(client, name, paper, verdict="accept").status_code == 403
    assert client.post(UNDO).status_code == 403
    assert not Decision.objects.exists()


def test_a_script_whose_session_ended_goes_to_the_sign_in_page(client, db):
    paper = SuggestionFactory().paper
    response = send(client, "finish", paper, headers=HTMX)
    assert response["HX-Redirect"] == f"{reverse('login')}?next={REVIEW}"


@pytest.mark.parametrize("name", ["decide", "rest", "finish", "skip"])
def test_no_act_happens_by_following_a_link(desk, name):
    assert desk.get(at(name, SuggestionFactory().paper)).status_code == 405


# The page


@pytest.mark.parametrize("count", [1, 3])
def test_the_cost_of_the_desk_does_not_grow_with_the_suggestions(
    desk, django_assert_num_queries, count
):
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(count, paper=paper)
    desk.get(REVIEW)  # the vocabulary is in memory, the paper is leased
    with django_assert_num_queries(13):
        response = desk.get(REVIEW)
    assert response.text.count('data-row="') == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_cost_of_one_decision_does_not_grow_with_the_suggestions(
    desk, django_assert_num_queries, count
):
    paper = ScreeningFactory().paper
    suggestions = SuggestionFactory.create_batch(count + 1, paper=paper)
    desk.get(REVIEW)
    with django_assert_num_queries(14):  # session, lease, decision, tag, counters, rows
        send(
            desk, "decide", paper, HTMX,
            concept=suggestions[0].concept.slug, verdict="accept", shown=paper.arxiv_id,
        )  # fmt: skip


def test_the_desk_marks_the_words_in_the_hue_of_their_concept(desk):
    suggestion = SuggestionFactory()
    text = desk.get(REVIEW).text
    mark = (
        f'<mark class="hue-domain" title="{suggestion.concept.slug.replace("-", " ").title()}'
    )
    assert mark.casefold() in text.casefold()


def test_words_of_another_text_are_not_marked_and_the_page_says_so(desk):
    suggestion = SuggestionFactory()
    new_text(suggestion.paper)
    text = desk.get(REVIEW).text
    assert "<mark" not in text
    assert "The suggestions were made from the text of version 1" in text


def test_words_stay_marked_in_a_version_with_the_same_text(desk):
    suggestion = SuggestionFactory()
    Paper.objects.filter(pk=suggestion.paper.pk).update(version=2)
    text = desk.get(REVIEW).text
    assert "<mark" in text
    assert "The suggestions were made from" not in text


def test_a_withdrawn_paper_says_so(desk):
    SuggestionFactory(paper=ScreeningFactory(paper__withdrawn=True).paper)
    assert "The authors have withdrawn this paper." in desk.get(REVIEW).text


def test_keys_are_digits_and_then_letters_that_do_nothing_else(desk):
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(12, paper=paper)
    keys = re.findall(r'data-key="(.)"', desk.get(REVIEW).text)
    assert keys == list("123456789efg")


def test_an_empty_queue_is_told_apart_from_one_on_other_desks(desk):
    assert "Nothing waits" in desk.get(REVIEW).text
    ScreeningFactory()
    queue.take_next(CuratorFactory())
    assert "All that waits is on other desks" in desk.get(REVIEW).text


def test_a_paper_on_another_desk_is_not_shown(desk):
    paper = ScreeningFactory().paper
    queue.take_next(CuratorFactory())
    assert "On another desk" in desk.get(at("paper", paper)).text


def test_a_paper_nobody_suggested_for_can_be_opened_by_name(desk):
    paper = PaperFactory()
    assert "Nothing is suggested for this paper." in desk.get(at("paper", paper)).text


def test_the_page_of_a_paper_leads_to_the_desk_for_curators_only(client, curator):
    paper = PaperFactory()
    link = f'href="{at("paper", paper)}"'
    assert link not in client.get(paper.get_absolute_url()).text
    client.force_login(curator)
    assert link in client.get(paper.get_absolute_url()).text


# Deciding with plain forms


def test_a_plain_form_decides_and_returns_to_the_same_paper(desk):
    paper = ScreeningFactory().paper
    suggestion, _other = SuggestionFactory.create_batch(2, paper=paper)
    response = send(desk, "decide", paper, concept=suggestion.concept.slug, verdict="accept")
    assert (response.status_code, response.url) == (302, REVIEW)
    assert said(response) == [f"Accepted <b>{suggestion.concept.labels.first().text}</b>"]
    assert f'data-paper="{paper.arxiv_id}"' in desk.get(REVIEW).text
    assert verdicts() == [(suggestion.concept.slug, "accept")]


def test_a_label_with_markup_is_shown_as_text(desk):
    paper = ScreeningFactory().paper
    concept = ConceptFactory(label="<i>Odd</i>")
    SuggestionFactory.create_batch(2, paper=paper)
    response = send(desk, "decide", paper, concept=concept.slug, verdict="accept")
    assert said(response) == ["Accepted <b>&lt;i&gt;Odd&lt;/i&gt;</b>"]


def test_a_closed_paper_stays_when_it_was_opened_by_name(desk, curator):
    suggestion = SuggestionFactory()
    paper, concept = suggestion.paper, suggestion.concept
    curation.decide(paper=paper, concept=concept, verdict="accept", actor=Actor.person(curator))
    response = send(desk, "decide", paper, concept=concept.slug, verdict="reject")
    assert response.url == at("paper", paper)


def test_without_a_script_another_concept_is_found_by_a_form(desk):
    paper = SuggestionFactory().paper
    concept = ConceptFactory(slug="tokenizers")
    text = desk.get(at("paper", paper), {"concept": "token"}).text
    assert f'<button type="submit" name="concept" value="{concept.slug}"' in text


def test_a_malformed_decision_is_refused(desk):
    paper = SuggestionFactory().paper
    assert send(desk, "decide", paper, concept="no-such", verdict="accept").status_code == 400
    assert send(desk, "rest", paper, verdict="perhaps").status_code == 400


def test_a_retired_concept_is_refused_in_words(desk):
    paper = SuggestionFactory().paper
    old = ConceptFactory(slug="old-name", deprecated=True)
    response = send(desk, "decide", paper, concept=old.slug, verdict="accept")
    assert said(response) == ["old-name is deprecated."]
    assert not Decision.objects.exists()


# Deciding by script


def test_a_decision_on_a_suggestion_answers_with_its_row_only(desk):
    paper = ScreeningFactory().paper
    suggestion, _other = SuggestionFactory.create_batch(2, paper=paper)
    slug = suggestion.concept.slug
    response = send(
        desk, "decide", paper, HTMX,
        concept=slug, verdict="accept", shown=paper.arxiv_id,
    )  # fmt: skip
    assert (response["HX-Retarget"], response["HX-Reswap"]) == (f"#item-{slug}", "outerHTML")
    assert re.findall('data-row="([^"]+)"', response.text) == [slug]
    assert 'aria-pressed="true"' in response.text
    assert 'id="desk-title"' not in response.text


def test_a_decision_on_another_concept_answers_with_all_rows(desk):
    suggestion = SuggestionFactory(paper=ScreeningFactory().paper)
    other, paper = ConceptFactory().slug, suggestion.paper
    response = send(
        desk, "decide", paper, HTMX, concept=other, verdict="accept", shown=paper.arxiv_id
    )
    assert "HX-Retarget" not in response
    found = re.findall('data-row="([^"]+)"', response.text)
    assert found == [suggestion.concept.slug, other]


def test_the_last_decision_lays_out_the_next_paper(desk):
    suggestion = SuggestionFactory()
    following = SuggestionFactory(paper=ScreeningFactory(priority=-1).paper)
    paper = suggestion.paper
    response = send(
        desk, "decide", paper, HTMX,
        concept=suggestion.concept.slug, verdict="accept", shown=paper.arxiv_id,
    )  # fmt: skip
    assert (response["HX-Retarget"], response["HX-Replace-Url"]) == ("#desk", REVIEW)
    assert f'data-paper="{following.paper.arxiv_id}"' in response.text
    assert f'action="{UNDO}"' in response.text


def test_the_same_request_twice_decides_once(desk):
    paper = ScreeningFactory().paper
    suggestion, _other = SuggestionFactory.create_batch(2, paper=paper)
    for _ in range(2):
        send(
            desk, "decide", paper, HTMX,
            concept=suggestion.concept.slug, verdict="reject", key="0123456789ab",
        )  # fmt: skip
    assert Decision.objects.count() == 1


def test_pressing_the_same_again_takes_it_back(desk):
    paper = ScreeningFactory().paper
    suggestion, _other = SuggestionFactory.create_batch(2, paper=paper)
    for verdict in ("accept", "undecided"):
        send(desk, "decide", paper, HTMX, concept=suggestion.concept.slug, verdict=verdict)
    assert verdicts() == []
    assert not Tag.objects.exists()


def test_nothing_is_decided_on_a_text_that_was_not_read(desk):
    suggestion = SuggestionFactory()
    paper = suggestion.paper
    new_text(paper)
    response = send(
        desk, "decide", paper, HTMX,
        concept=suggestion.concept.slug, verdict="accept", text=1, shown=paper.arxiv_id,
    )  # fmt: skip
    assert "The text changed while you read it." in response.text
    assert response["HX-Retarget"] == "#desk"
    assert not Decision.objects.exists()


def test_nothing_is_decided_on_a_paper_that_went_to_another_desk(desk):
    suggestion = SuggestionFactory()
    queue.open_paper(paper=suggestion.paper, curator=CuratorFactory())
    response = send(
        desk, "decide", suggestion.paper, HTMX,
        concept=suggestion.concept.slug, verdict="accept",
    )  # fmt: skip
    assert "Another curator has that paper open now." in response.text
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("verdict", "text"),
    [("accept", "Accepted 2 suggestions"), ("reject", "Rejected 2 suggestions")],
)
def test_one_stroke_decides_all_that_is_open(desk, verdict, text):
    paper = ScreeningFactory().paper
    SuggestionFactory.create_batch(2, paper=paper)
    response = send(desk, "rest", paper, HTMX, verdict=verdict)
    assert text in response.text
    assert [found for _, found in verdicts()] == [verdict, verdict]


def test_next_closes_what_is_undecided_and_shows_another(desk, curator):
    paper = SuggestionFactory().paper
    response = send(desk, "finish", paper, HTMX)
    assert "Closed; 1 suggestion stays undecided" in response.text
    assert Screening.objects.get(paper=paper).screened_by == curator


def test_next_on_a_paper_closed_a_moment_ago_closes_no_other(desk):
    first, second = SuggestionFactory.create_batch(2)
    for _ in range(2):
        send(desk, "finish", first.paper, HTMX)
    assert Screening.objects.get(paper=second.paper).state == "waiting"


def test_a_skipped_paper_makes_room_for_another(desk):
    skipped = SuggestionFactory().paper
    other = SuggestionFactory(paper=ScreeningFactory(priority=-1).paper).paper
    response = send(desk, "skip", skipped, HTMX)
    assert f'data-paper="{other.arxiv_id}"' in response.text


def test_undo_brings_the_former_paper_back(desk):
    suggestion, _next = SuggestionFactory.create_batch(2)
    send(desk, "decide", suggestion.paper, concept=suggestion.concept.slug, verdict="accept")
    response = desk.post(UNDO, headers=HTMX)
    assert f'data-paper="{suggestion.paper.arxiv_id}"' in response.text
    assert "Taken back: <b>" in response.text
    assert verdicts() == []


def test_undo_sent_twice_takes_back_once(desk):
    for suggestion in SuggestionFactory.create_batch(2):
        send(desk, "finish", suggestion.paper)
    for _ in range(2):
        desk.post(UNDO, {"key": "0123456789ab"}, headers=HTMX)
    assert Screening.objects.waiting().count() == 1


def test_undo_with_nothing_to_take_back_says_so(desk):
    assert "There is nothing to take back." in desk.post(UNDO, headers=HTMX).text


def test_letters_find_concepts_for_the_type_ahead(desk):
    ConceptFactory(slug="tokenizers")
    text = desk.get(reverse("taxonomy:review-concepts"), {"concept": "toke"}).text
    assert re.findall(r'data-value="([^"]+)"', text) == ["tokenizers"]


def test_signing_out_gives_the_open_paper_to_others(desk, curator):
    screening = ScreeningFactory()
    desk.get(REVIEW)
    desk.post(reverse("logout"))
    assert queue.take_next(CuratorFactory()) == screening


# Accepted papers like this one


def test_a_suggestion_links_the_accepted_papers_that_are_like_it(desk, curator):
    concept, near = ConceptFactory(), PaperFactory(title="Much like it")
    curation.decide(paper=near, concept=concept, verdict="accept", actor=Actor.person(curator))
    evidence = {"nearest": [[near.pk, 0.5]], "vocabulary": 7}
    SuggestionFactory(concept=concept, evidence=evidence)
    page = desk.get(REVIEW).text
    link = f'<a class="link" href="{near.get_absolute_url()}" lang="en">Much like it</a>'
    assert (page.count(link), page.count("vocabulary 7")) == (1, 1)
