"""What pages say of a text that changed, and of papers withdrawn or removed."""

import re
from datetime import UTC, datetime

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from taxonomy import curation, vocabulary
from taxonomy.curation import Actor
from taxonomy.dossiers import standing_decisions
from taxonomy.models import Concept, Decision, Paper, Screening
from taxonomy.models.papers import ARXIV_ID_PATTERN
from taxonomy.views.versions import MOST_VERSIONS, history, since_decided
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
    new_text,
)

REVIEW = reverse("taxonomy:review")
HTMX = {"HX-Request": "true"}
DAY = datetime(2025, 5, 4, tzinfo=UTC)


def decide(paper, concept, user, verdict="accept"):
    return curation.decide(
        paper=paper, concept=concept, verdict=verdict, actor=Actor.person(user)
    )


def row_of(text, concept):
    """The words of one row of the desk."""
    found = re.search(rf'id="row-{concept.slug}".*?</li>', text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def button_of(text, concept, verdict):
    return re.search(rf'<button[^>]*value="(\w+)"[^>]*id="{verdict}-{concept.slug}"', text)[1]


@pytest.fixture
def desk(client, curator):
    client.force_login(curator)
    return client


# On the desk


@pytest.fixture
def changed(curator):
    """A paper rejected and accepted on its first text, and suggested for on its second."""
    paper = ScreeningFactory(paper__title="Fast models").paper
    rejected, accepted = ConceptFactory(slug="rejected"), ConceptFactory(slug="accepted")
    SuggestionFactory(paper=paper, concept=accepted).delete()
    decide(paper, rejected, curator, "reject")
    decide(paper, accepted, curator)
    new_text(paper, title="Very fast models", abstract="It is another abstract.")
    SuggestionFactory(paper=paper, concept=rejected, text_revision=2)
    Screening.objects.update(state="waiting")
    return paper


def test_the_desk_shows_what_changed_since_the_decision(desk, changed):
    text = desk.get(REVIEW).text
    assert "Text changed since version 1, decided by curator" in text
    title = re.search(r"<dt>Title</dt><dd[^>]*>(.*?)</dd>", text)[1]
    words = re.sub(r'<span class="visually-hidden">[^<]*</span>', "", title)
    assert words == "<del>Fast</del><ins>Very fast</ins> models"
    assert "[removed:" in title
    assert "[added:" in title


@pytest.mark.parametrize("count", [1, 3])
def test_what_changed_costs_the_desk_one_query(desk, curator, django_assert_num_queries, count):
    paper = ScreeningFactory().paper
    for number in range(count):
        decide(paper, ConceptFactory(), CuratorFactory())
        new_text(paper, title=f"Title {number}")
    SuggestionFactory(paper=paper, text_revision=paper.text_revision)
    Screening.objects.update(state="waiting")
    desk.get(REVIEW)
    with django_assert_num_queries(14):  # one more than without an earlier text
        response = desk.get(REVIEW)
    assert response.text.count("Text changed since version") == count


def test_the_desk_says_nothing_where_the_decided_text_still_stands(desk, curator):
    paper = ScreeningFactory().paper
    decide(paper, ConceptFactory(), curator)
    SuggestionFactory(paper=paper)
    Paper.objects.update(version=2)
    Screening.objects.update(state="waiting")
    assert "Text changed" not in desk.get(REVIEW).text


def test_what_an_import_accepted_by_title_is_no_text_that_people_read(curator):
    paper, concept = PaperFactory(), ConceptFactory()
    curation.accept_all(pairs=[(paper, concept)], actor=Actor.importing("edition 1"))
    new_text(paper)
    assert since_decided(paper, standing_decisions(paper).values()) == []


def test_a_concept_rejected_on_the_earlier_text_is_open_and_says_so(desk, changed):
    text = desk.get(REVIEW).text
    concept = Concept.objects.get(slug="rejected")
    assert "rejected on version 1" in row_of(text, concept)
    assert button_of(text, concept, "reject") == "reject"
    assert 'data-verdict=""' in text


def test_a_rejection_on_the_new_text_closes_the_paper(desk, changed):
    send = {"concept": "rejected", "verdict": "reject", "text": 2}
    desk.post(reverse("taxonomy:review-decide", args=[changed.arxiv_id]), send, headers=HTMX)
    assert Screening.objects.get().state == "screened"
    assert Decision.objects.order_by("id").last().text_revision == 2


def test_what_was_accepted_and_is_no_longer_suggested_is_confirmed_by_one_key(desk, curator):
    paper = ScreeningFactory().paper
    suggestion = SuggestionFactory(paper=paper, concept=ConceptFactory(slug="kept"))
    decide(paper, suggestion.concept, curator)
    new_text(paper)
    suggestion.delete()
    address = reverse("taxonomy:review-paper", args=[paper.arxiv_id])
    before = desk.get(address).text
    row = row_of(before, suggestion.concept)
    assert "accepted on version 1" in row
    assert "no longer suggested: accept again to confirm, or reject" in row
    assert button_of(before, suggestion.concept, "accept") == "accept"
    desk.post(
        reverse("taxonomy:review-decide", args=[paper.arxiv_id]),
        {"concept": "kept", "verdict": "accept", "text": 2},
        headers=HTMX,
    )
    after = desk.get(address).text
    assert "no longer suggested" not in row_of(after, suggestion.concept)
    assert button_of(after, suggestion.concept, "accept") == "undecided"
    assert "Text changed since" not in after


def test_a_text_corrected_without_a_new_version_is_named_so(desk, curator):
    paper, concept = ScreeningFactory().paper, ConceptFactory()
    decide(paper, concept, curator)
    new_text(paper, version=1)
    text = desk.get(reverse("taxonomy:review-paper", args=[paper.arxiv_id])).text
    assert "accepted on an earlier text" in row_of(text, concept)


def test_a_paper_whose_text_was_not_read_is_not_closed(desk):
    paper = SuggestionFactory().paper
    new_text(paper)
    address = reverse("taxonomy:review-finish", args=[paper.arxiv_id])
    response = desk.post(address, {"text": 1}, headers=HTMX)
    assert "The text changed while you read it." in response.text
    assert Screening.objects.get().state == "waiting"
    assert desk.post(address, {"text": "?"}).status_code == 400


# On the paper's page


@pytest.mark.parametrize(("count", "queries"), [(0, 5), (1, 6), (3, 6)])
def test_the_history_costs_one_query_and_none_where_there_is_none(
    client, db, django_assert_num_queries, count, queries
):
    paper = PaperFactory()
    for number in range(count):
        new_text(paper, abstract=f"Abstract number {number}.")
    vocabulary.current()
    with django_assert_num_queries(queries):
        response = client.get(paper.get_absolute_url())
    assert response.text.count('class="station"') == (count + 1 if count else 0)


def test_the_history_tells_each_text_and_what_was_new_in_it(db):
    paper = PaperFactory(title="One", abstract="Same.")
    new_text(paper, title="Two", abstract="Same.")
    new_text(paper, title="Two", abstract="Other.", version=4)
    newest, middle, oldest = history(paper)
    assert [one.version for one in (newest, middle, oldest)] == [4, 2, 1]
    assert [bool(newest.changed.title), bool(newest.changed.abstract)] == [False, True]
    assert [bool(middle.changed.title), bool(middle.changed.abstract)] == [True, False]
    assert (middle.changed.words_gone, middle.changed.words_new) == (1, 1)
    assert (oldest.changed, oldest.earlier.title_plain) == (None, "One")


def test_only_the_newest_texts_of_very_many_are_compared(db):
    paper = PaperFactory()
    for number in range(MOST_VERSIONS + 5):
        new_text(paper, title=f"Title {number}")
    assert len(history(paper)) == MOST_VERSIONS


def test_markup_in_an_earlier_text_stays_text(client, db):
    paper = PaperFactory(title="<script>alert(1)</script>", abstract="<img src=x>")
    new_text(paper)
    page = client.get(paper.get_absolute_url()).text
    assert "<script>alert" not in page
    assert "<img" not in page


# Withdrawn and removed


def test_a_withdrawn_paper_shows_arxivs_comment_as_the_reason(client, db):
    paper = PaperFactory(withdrawn=True, comment="An error in <Table 2>")
    page = client.get(paper.get_absolute_url()).text
    assert "The authors have withdrawn this paper." in page
    assert page.count("An error in &lt;Table 2&gt;") == 1


def test_a_removed_paper_says_when(client, db):
    page = client.get(PaperFactory(removed_at=DAY).get_absolute_url()).text
    assert "arXiv removed this paper on 4 May 2025." in page


@pytest.mark.parametrize("here", [True, False])
def test_a_merger_leads_to_the_other_paper(client, db, here):
    if here:
        PaperFactory(arxiv_id="2505.00002")
    paper = PaperFactory(withdrawn=True, comment="Merged with arXiv:2505.00002v3.")
    page = client.get(paper.get_absolute_url()).text
    address = "/papers/2505.00002/" if here else "https://arxiv.org/abs/2505.00002"
    assert f'Merged into <a class="link" href="{address}">' in page


def test_a_comment_that_names_another_paper_is_no_merger_while_the_paper_stands(client, db):
    paper = PaperFactory(comment="Merged with arXiv:2505.00002")
    assert "Merged into" not in client.get(paper.get_absolute_url()).text


@pytest.mark.parametrize(
    ("comment", "named"),
    [
        ("superseded by 2501.00002", "2501.00002"),
        ("see arXiv:math.CA/0611800v2, please", "math/0611800"),
        ("this is 2501.00001v1; see https://arxiv.org/abs/2501.00002", "2501.00002"),
        ("this is 2501.00001", ""),
        ("doi 10.1000/12345.67890, 12501.00002 and 2501.000021", ""),
        ("now 10.48550/arXiv.2501.00002", "2501.00002"),
        ("", ""),
    ],
)
def test_the_comment_names_another_paper(comment, named):
    assert Paper(arxiv_id="2501.00001", comment=comment).named_in_comment == named


@given(st.text() | st.text("2501.0/vabsmthCA: "))
def test_what_a_comment_names_is_an_id_of_another_paper(comment):
    named = Paper(arxiv_id="2501.00001", comment=comment).named_in_comment
    assert named == "" or (re.match(ARXIV_ID_PATTERN, named) and named != "2501.00001")


def test_the_desk_says_that_a_paper_was_removed(desk):
    paper = ScreeningFactory(paper__removed_at=DAY, state="abstained").paper
    text = desk.get(reverse("taxonomy:review-paper", args=[paper.arxiv_id])).text
    assert "arXiv removed this paper on 4 May 2025." in text


def test_lists_mark_what_is_gone_and_can_leave_it_out(client, db):
    PaperFactory(title="Standing")
    PaperFactory(title="Taken back", withdrawn=True)
    PaperFactory(title="Taken down", removed_at=DAY)
    page = client.get("/papers/").text
    assert page.count('<span class="badge bad">withdrawn</span>') == 1
    assert page.count('<span class="badge bad">removed</span>') == 1

    def titles(query):
        page = client.get(f"/papers/?{query}").text
        return [title for title in ("Standing", "Taken back", "Taken down") if title in page]

    assert titles("withdrawn=yes") == ["Taken back", "Taken down"]
    assert titles("withdrawn=no") == ["Standing"]


# Every form of an id


@pytest.mark.parametrize(
    "asked",
    ["math.CA/0611800", "math/0611800v2", "arXiv:math/0611800", "ARXIV:math.ca/0611800v1"],
)
def test_every_form_of_an_old_id_leads_to_the_page(client, db, asked):
    PaperFactory(arxiv_id="math/0611800")
    response = client.get(f"/papers/{asked}/")
    assert (response.status_code, response["Location"]) == (301, "/papers/math/0611800/")
    assert client.get("/papers/math/0611800/").status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        "https://arxiv.org/abs/2307.10169v2",
        "arxiv.org/pdf/2307.10169.pdf",
        "10.48550/arXiv.2307.10169",
        "https://doi.org/10.48550/arXiv.2307.10169",
    ],
)
def test_an_address_in_the_search_field_leads_to_the_paper(client, db, asked):
    PaperFactory(arxiv_id="2307.10169")
    response = client.get("/papers/", {"q": asked})
    assert (response.status_code, response["Location"]) == (302, "/papers/2307.10169/")


def test_the_desk_opens_a_paper_by_an_id_with_a_version(desk):
    ScreeningFactory(paper__arxiv_id="math/0611800")
    assert "math/0611800" in desk.get("/review/math.CA/0611800v2/").text
