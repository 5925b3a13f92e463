"""Papers for programs: filters, pages, forms."""

from datetime import UTC, datetime

import pytest

from taxonomy import curation, vocabulary
from taxonomy.curation import Actor
from taxonomy.models import Paper
from tests.factories import (
    ConceptFactory,
    DomainFactory,
    PaperFactory,
    SuggestionFactory,
    new_text,
)
from tests.taxonomy.api.conftest import API


def ids(response):
    return [paper["arxiv_id"] for paper in response.json()["results"]]


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("form", ["json", "csv", "bibtex", "ris", "ndjson", "jsonld"])
def test_a_list_of_papers_costs_the_same_at_any_length(
    client, accept, django_assert_num_queries, item_count, form
):
    concept = ConceptFactory()
    for _ in range(item_count):
        accept(PaperFactory(), concept)
    vocabulary.current()
    with django_assert_num_queries(3):  # number, papers, tags
        response = client.get(f"{API}papers/?format={form}")
    assert response.status_code == 200


def test_a_concept_filter_includes_narrower_ones_unless_exact(client, accept):
    broad = ConceptFactory(slug="latency")
    narrow = ConceptFactory(slug="pruning", broader=broad)
    paper, other = PaperFactory(), PaperFactory()
    accept(paper, narrow)
    accept(other, broad)
    assert set(ids(client.get(f"{API}papers/?challenge=latency"))) == {
        paper.arxiv_id,
        other.arxiv_id,
    }
    assert ids(client.get(f"{API}papers/?challenge=latency&exact=1")) == [other.arxiv_id]
    assert ids(client.get(f"{API}papers/?challenge=pruning")) == [paper.arxiv_id]


def test_each_filter_narrows(client, accept):
    domain = DomainFactory(slug="chatbots")
    wanted = PaperFactory(
        title="Sparse attention",
        categories=["cs.LG"],
        published_at=datetime(2025, 3, 2, tzinfo=UTC),
    )
    PaperFactory(published_at=datetime(2025, 3, 1, tzinfo=UTC))
    accept(wanted, domain)
    for query in (
        "domain=chatbots",
        "category=cs.LG",
        "q=sparse",
        "published_after=2025-03-02",
        "tagged=true",
    ):
        assert ids(client.get(f"{API}papers/?{query}")) == [wanted.arxiv_id], query
    assert wanted.arxiv_id not in ids(client.get(f"{API}papers/?published_before=2025-03-02"))


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("challenge=nowhere", "challenge"),
        ("challenge=chatbots", "challenge"),  # a domain
        ("chalenge=x", "chalenge"),
        ("cursor=zzz", "cursor"),
        ("page_size=0", "page_size"),
        ("page_size=201", "page_size"),
        ("page_size=９", "page_size"),
        ("published_after=yesterday", "published_after"),
        ("tagged=maybe", "tagged"),
        ("ordering=title", "ordering"),
        ("format=xml", "format"),
        ("category=cs.CL&category=cs.LG", "category"),
        ("q=%00", "q"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_named(client, db, query, parameter):
    DomainFactory(slug="chatbots")
    response = client.get(f"{API}papers/?{query}")
    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    found = response.json()
    assert found["code"] == "invalid-parameter"
    assert [error["parameter"] for error in found["errors"]] == [parameter]


@pytest.mark.parametrize(
    ("ordering", "descending"),
    [
        ("-published_at", True),
        ("published_at", False),
        ("-added_at", True),
        ("added_at", False),
    ],
)
def test_pages_hold_each_paper_once_in_both_directions(client, db, ordering, descending):
    moment = datetime(2025, 1, 1, tzinfo=UTC)  # one for all: the number decides
    made = [paper.arxiv_id for paper in PaperFactory.create_batch(5, published_at=moment)]
    expected = made[::-1] if descending else made
    url, forth = f"{API}papers/?page_size=2&ordering={ordering}", []
    while url:
        response = client.get(url)
        forth += ids(response)
        last, url = response.json(), response.json()["next"]
    back, url = [], last["previous"]
    while url:
        response = client.get(url)
        back = ids(response) + back
        url = response.json()["previous"]
    assert (forth, back) == (expected, expected[:4])


def test_a_paper_that_arrives_meanwhile_moves_no_page(client, db):
    first = [paper.arxiv_id for paper in PaperFactory.create_batch(4)][::-1]
    page = client.get(f"{API}papers/?page_size=2").json()
    PaperFactory(published_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert ids(client.get(page["next"])) == first[2:]


def test_a_cursor_of_another_ordering_is_refused(client, db):
    PaperFactory.create_batch(2)
    url = client.get(f"{API}papers/?page_size=1&ordering=added_at").json()["next"]
    response = client.get(url.replace("ordering=added_at", "ordering=-published_at"))
    assert response.status_code == 400


def test_link_header_says_where_the_list_goes_on(client, db):
    PaperFactory.create_batch(2)
    response = client.get(f"{API}papers/?page_size=1")
    assert response["Link"] == f'<{response.json()["next"]}>; rel="next"'


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("2501.00001v3", "2501.00001"),
        ("math/0611800", "math/0611800"),
        ("math.CA/0611800v2", "math/0611800"),
    ],
)
def test_a_paper_is_found_under_every_form_of_its_id(client, db, asked, found):
    PaperFactory(arxiv_id=found)
    response = client.get(f"{API}papers/{asked}/")
    assert response.json()["arxiv_id"] == found


@pytest.mark.parametrize(
    ("accepted", "start"),
    [
        ("text/csv", "arxiv_id,version,"),
        ("application/x-ndjson", '{"arxiv_id":'),
        ("application/ld+json", '{"@context"'),
        ("application/x-bibtex", "@misc{"),
        ("application/x-research-info-systems", "TY  - GEN"),
    ],
)
@pytest.mark.parametrize("path", ["papers/", "papers/2501.00001/"])
def test_papers_come_in_the_form_that_is_accepted(client, db, accepted, start, path):
    PaperFactory(arxiv_id="2501.00001")
    response = client.get(API + path, headers={"accept": accepted})
    assert response["Content-Type"].partition(";")[0] == accepted
    assert response.content.decode().startswith(start)


def test_what_is_not_spoken_here_is_not_acceptable(client, db):
    response = client.get(f"{API}papers/", headers={"accept": "image/png"})
    assert (response.status_code, response.json()["code"]) == (406, "not-acceptable")


def test_what_is_gone_says_so_and_can_be_left_out(client, accept):
    removed_at = datetime(2025, 5, 4, tzinfo=UTC)
    standing = PaperFactory()
    withdrawn, removed = PaperFactory(withdrawn=True), PaperFactory(removed_at=removed_at)
    found = client.get(f"{API}papers/?withdrawn=true").json()["results"]
    assert [(one["arxiv_id"], one["withdrawn"], one["removed_at"]) for one in found] == [
        (removed.arxiv_id, False, "2025-05-04T00:00:00Z"),
        (withdrawn.arxiv_id, True, None),
    ]
    assert ids(client.get(f"{API}papers/?withdrawn=false")) == [standing.arxiv_id]
    for paper in (standing, removed):
        accept(paper, ConceptFactory())
    tags = client.get(f"{API}tags/").json()["results"]
    assert {tag["paper"]: tag["withdrawn"] for tag in tags} == {
        standing.arxiv_id: False,
        removed.arxiv_id: True,
    }
    for asked, paper in (("true", removed), ("false", standing)):
        (tag,) = client.get(f"{API}tags/?withdrawn={asked}").json()["results"]
        assert tag["paper"] == paper.arxiv_id


@pytest.mark.parametrize("item_count", [1, 3])
def test_earlier_texts_cost_the_same_at_any_number(
    client, db, django_assert_num_queries, item_count
):
    paper = PaperFactory(title=r"On $\alpha$", title_plain="On α")
    for number in range(item_count):
        new_text(paper, title=f"Title {number}")
    with django_assert_num_queries(2):  # paper, texts
        found = client.get(f"{API}papers/{paper.arxiv_id}/versions/").json()["results"]
    assert [text["version"] for text in found] == list(range(item_count, 0, -1))
    assert (found[-1]["title"], found[-1]["title_tex"]) == ("On α", r"On $\alpha$")


def test_a_suggestion_on_a_new_text_is_not_decided_by_an_earlier_rejection(client, curator):
    suggestion = SuggestionFactory()
    paper, concept = suggestion.paper, suggestion.concept
    curation.decide(paper=paper, concept=concept, verdict="reject", actor=Actor.person(curator))
    url = f"{API}papers/{paper.arxiv_id}/suggestions/"
    assert client.get(url).json()["results"][0]["decided"] is True
    new_text(paper)
    suggestion.delete()
    SuggestionFactory(paper=paper, concept=concept, text_revision=2)
    assert client.get(url).json()["results"][0]["decided"] is False


@pytest.mark.parametrize("item_count", [1, 3])
def test_suggestions_cost_the_same_at_any_length(
    client, db, django_assert_num_queries, item_count
):
    paper = PaperFactory()
    SuggestionFactory.create_batch(item_count, paper=paper)
    with django_assert_num_queries(3):  # paper, suggestions, decisions
        response = client.get(f"{API}papers/{paper.arxiv_id}/suggestions/")
    assert len(response.json()["results"]) == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_papers_that_suggestions_are_like_cost_one_query(
    client, accept, django_assert_num_queries, item_count
):
    paper = PaperFactory()
    for number in range(item_count):
        concept, near = ConceptFactory(), PaperFactory(title=f"Like it {number}")
        evidence = {"spans": [], "nearest": [[near.pk, 0.5]]}
        accept(near, concept)
        SuggestionFactory(paper=paper, concept=concept, evidence=evidence)
    with django_assert_num_queries(4):  # paper, suggestions, decisions, tags with papers
        found = client.get(f"{API}papers/{paper.arxiv_id}/suggestions/").json()["results"]
    titles = [[near["title"] for near in one["nearest"]] for one in found]
    assert titles == [[f"Like it {number}"] for number in range(item_count)]


def test_a_suggestion_says_what_it_is_like_and_what_made_it(client, accept):
    concept, near = ConceptFactory(), PaperFactory(title="Like it")
    accept(near, concept)
    evidence = {"nearest": [[near.pk, 0.5]], "vocabulary": 7, "spans": []}
    suggestion = SuggestionFactory(concept=concept, suggester="learned-3", evidence=evidence)
    (found,) = client.get(f"{API}papers/{suggestion.paper.arxiv_id}/suggestions/").json()[
        "results"
    ]
    assert found["nearest"] == [
        {
            "arxiv_id": near.arxiv_id,
            "title": "Like it",
            "page": f"http://testserver/papers/{near.arxiv_id}/",
            "likeness": 0.5,
        }
    ]
    assert (found["suggester"], found["vocabulary"]) == ("learned-3", 7)
    assert found["evidence"] == {"spans": []}


def test_a_paper_whose_tag_was_taken_back_is_named_no_more(client, accept, curator):
    concept, near = ConceptFactory(), PaperFactory()
    evidence = {"spans": [], "nearest": [[near.pk, 0.5]]}
    accept(near, concept)
    suggestion = SuggestionFactory(concept=concept, evidence=evidence)
    curation.revert(decision=near.decisions.get(), actor=Actor.person(curator))
    url = f"{API}papers/{suggestion.paper.arxiv_id}/suggestions/"
    assert client.get(url).json()["results"][0]["nearest"] == []


def test_a_suggestion_that_was_decided_on_says_so(client, accept):
    suggestion = SuggestionFactory()
    accept(suggestion.paper, suggestion.concept)
    url = f"{API}papers/{suggestion.paper.arxiv_id}/suggestions/"
    (found,) = client.get(url).json()["results"]
    assert (found["concept"], found["decided"]) == (suggestion.concept.slug, True)


def test_a_paper_is_not_sent_twice_to_who_has_it(client, accept):
    paper = PaperFactory()
    url = f"{API}papers/{paper.arxiv_id}/"
    etag = client.get(url)["ETag"]
    again = client.get(url, headers={"if-none-match": etag})
    assert (again.status_code, again["ETag"], again.content) == (304, etag, b"")
    assert again["Access-Control-Allow-Origin"] == "*"
    accept(paper, ConceptFactory())
    assert client.get(url, headers={"if-none-match": etag}).status_code == 200


def test_a_list_has_a_tag_of_its_own_that_moves_with_it(client, db):
    paper = PaperFactory()
    etag = client.get(f"{API}papers/")["ETag"]
    known = {"if-none-match": etag}
    assert client.get(f"{API}papers/", headers=known).status_code == 304
    Paper.objects.filter(pk=paper.pk).update(title_plain="Another title")
    assert client.get(f"{API}papers/", headers=known).status_code == 200
