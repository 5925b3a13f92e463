"""The atlas, the concepts and the papers as pages: what they show and what they cost."""

import pytest
from django.urls import reverse
from django.utils.translation import override

from taxonomy import curation, vocabulary
from taxonomy.curation import Actor
from taxonomy.models import Collection, Landmark, Link
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    DomainFactory,
    PaperFactory,
    ScreeningFactory,
    SuggestionFactory,
)


def accept(user, paper, *concepts):
    for concept in concepts:
        curation.decide(
            paper=paper, concept=concept, verdict="accept", actor=Actor.person(user)
        )


def group_of(*concepts):
    group = Collection.objects.create(slug="design", position=1)
    group.labels.create(language="en", text="Design", note="decided before")
    for concept in concepts:
        group.members.add(concept)
    vocabulary.touch()


@pytest.fixture
def latency(db):
    concept = ConceptFactory(slug="latency")
    group_of(concept)
    return concept


@pytest.mark.parametrize("item_count", [1, 3])
def test_atlas_cost_is_flat(client, curator, django_assert_num_queries, item_count):
    for _ in range(item_count):
        challenge, domain = ConceptFactory(), DomainFactory()
        accept(curator, PaperFactory(), challenge, domain)
        ScreeningFactory()
    vocabulary.current()
    with django_assert_num_queries(12):
        response = client.get("/?", headers={"accept-language": "en"})
    assert response.content.count(b'class="paper-line"') == item_count


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("kind", ["challenge", "domain"])
def test_concept_list_cost_is_flat(client, db, django_assert_num_queries, item_count, kind):
    made = {"challenge": ConceptFactory, "domain": DomainFactory}[kind]
    slugs = [concept.slug for concept in made.create_batch(item_count)]
    vocabulary.current()
    with django_assert_num_queries(3):
        response = client.get(reverse(f"taxonomy:{kind}s"))
    assert [slug for slug in slugs if f"/{slug}/" in response.text] == slugs


@pytest.mark.parametrize("item_count", [1, 3])
def test_concept_cost_is_flat(client, curator, django_assert_num_queries, item_count):
    challenge, domain = ConceptFactory(slug="latency"), DomainFactory()
    ConceptFactory.create_batch(item_count, broader=challenge)
    link = Link.objects.create(challenge=challenge, domain=domain)
    link.texts.create(language="en", text="No time to wait.")
    for paper in PaperFactory.create_batch(item_count):
        accept(curator, paper, challenge)
        Landmark.objects.create(paper=paper, concept=challenge)
        link.evidence.create(paper=paper)
    vocabulary.touch()
    vocabulary.current()
    with django_assert_num_queries(9):
        response = client.get(reverse("taxonomy:challenge", args=["latency"]))
    assert response.text.count('class="paper-line"') == item_count
    assert "No time to wait." in response.text


@pytest.mark.parametrize("item_count", [1, 3])
def test_paper_list_cost_is_flat(client, curator, django_assert_num_queries, item_count):
    concept = ConceptFactory()
    for paper in PaperFactory.create_batch(item_count):
        accept(curator, paper, concept)
    vocabulary.current()
    with django_assert_num_queries(6):
        response = client.get(reverse("taxonomy:papers"))
    assert response.text.count('class="paper-line"') == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_paper_cost_is_flat(client, curator, django_assert_num_queries, item_count):
    paper = PaperFactory()
    for concept in ConceptFactory.create_batch(item_count):
        accept(curator, paper, concept)
        accept(curator, PaperFactory(), concept)
    vocabulary.current()
    with django_assert_num_queries(7):
        response = client.get(paper.get_absolute_url())
    assert response.text.count('class="paper-line"') == item_count  # the similar ones


def test_an_accepted_paper_stands_on_its_concepts_page(client, curator, latency):
    accept(curator, PaperFactory(title="Answers in no time"), latency)
    assert "Answers in no time" in client.get("/challenges/latency/").text


def test_the_facets_are_in_the_address(client, curator, latency):
    accept(curator, PaperFactory(title="Fast answers"), latency)
    PaperFactory(title="Slow answers")
    page = client.get("/papers/?challenge=latency&q=answers").text
    assert "Fast answers" in page
    assert "Slow answers" not in page


def test_htmx_gets_the_list_alone_and_the_tidy_address(client, latency):
    response = client.get("/papers/?q=answers&domain=", headers={"hx-request": "true"})
    assert response.headers["HX-Push-Url"] == "/papers/?q=answers"
    assert "HX-Request" in response.headers["Vary"]
    assert "<html" not in response.text
    assert "<title>“answers” · Papers · Kadai</title>" in response.text
    assert client.get("/papers/?q=answers").text.count("<title>") == 1


def test_an_arxiv_id_in_the_search_field_leads_to_the_paper(client, db):
    PaperFactory(arxiv_id="2307.10169")
    response = client.get("/papers/?q=arXiv:2307.10169v3")
    assert (response.status_code, response["Location"]) == (302, "/papers/2307.10169/")


@pytest.mark.parametrize(
    ("asked", "base"),
    [("2307.10169v2", "2307.10169"), ("math.CA/0611800", "math/0611800")],
)
def test_a_version_or_subject_class_leads_to_the_base_id(client, db, asked, base):
    response = client.get(f"/papers/{asked}/")
    assert (response.status_code, response["Location"]) == (301, f"/papers/{base}/")


@pytest.mark.parametrize("path", ["/papers/2307.99999/", "/challenges/none/", "/nowhere/"])
def test_what_is_not_there_is_a_page_that_leads_on(client, db, path):
    response = client.get(path)
    assert response.status_code == 404
    assert 'href="/"' in response.text


def test_a_replaced_concept_leads_to_its_replacement(client, latency):
    ConceptFactory(slug="slowness", deprecated=True, replaced_by=latency)
    response = client.get("/challenges/slowness/")
    assert (response.status_code, response["Location"]) == (301, "/challenges/latency/")


def test_texts_from_outside_are_escaped(client, db):
    paper = PaperFactory(
        title="<script>alert(1)</script> & more", abstract='<img src=x onerror="alert(1)">'
    )
    page = client.get(paper.get_absolute_url()).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


@pytest.mark.parametrize(
    ("licence", "links"),  # the footer names the licence of the taxonomy, too
    [("https://creativecommons.org/licenses/by/4.0/", 2), ("javascript:alert(1)", 0)],
)
def test_only_a_web_address_becomes_a_link_to_the_licence(client, db, licence, links):
    page = client.get(PaperFactory(licence=licence).get_absolute_url()).text
    assert page.count(f'href="{licence}"') == links
    assert page.count("alert(1)") == (0 if links else 1)


def test_suggestions_are_for_curators(client, curator, reader):
    suggestion = SuggestionFactory(concept=ConceptFactory(slug="latency"))
    address = suggestion.paper.get_absolute_url()
    client.force_login(reader)
    assert "<mark" not in client.get(address).text
    client.force_login(curator)
    assert "<mark" in client.get(address).text


def test_three_thousand_authors_are_folded(client, db):
    paper = PaperFactory(authors=[f"Author {n}" for n in range(3000)])
    assert "and 2,988 more authors" in client.get(paper.get_absolute_url()).text


def test_each_page_stands_in_both_languages_with_hreflang(client, latency):
    page = client.get("/ja/challenges/latency/")
    assert '<html lang="ja">' in page.text
    assert "課題 Latency" in page.text
    assert 'hreflang="en" href="http://testserver/challenges/latency/"' in page.text
    assert 'hreflang="ja" href="http://testserver/ja/challenges/latency/"' in page.text


def test_a_first_visit_goes_to_the_browsers_language(client, latency):
    response = client.get("/", headers={"accept-language": "ja,en;q=0.5"})
    assert (response.status_code, response["Location"]) == (302, "/ja/")
    assert client.get("/", headers={"accept-language": "fr"}).status_code == 200


def test_who_chose_a_language_stays_in_it(client, latency):
    client.cookies["django_language"] = "en"
    assert client.get("/", headers={"accept-language": "ja"}).status_code == 200


def test_no_page_may_run_inline_code_or_load_from_elsewhere(client, latency):
    policy = client.get("/?").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_arxiv_is_thanked_on_every_page(client, latency):
    assert "Thank you to arXiv for use of its open access" in client.get("/papers/").text


def test_the_sitemap_names_each_page_in_both_languages(client, latency):
    body = client.get("/sitemap.xml").text
    assert "<loc>http://testserver/challenges/latency/</loc>" in body
    assert "<loc>http://testserver/ja/challenges/latency/</loc>" in body


def test_lists_page_by_keyset_both_ways(client, db):
    papers = PaperFactory.create_batch(30)
    first = client.get("/papers/")
    older = first.context["pager"].next
    second = client.get(older)
    shown = [line.paper.pk for page in (first, second) for line in page.context["lines"]]
    assert shown == [paper.pk for paper in papers[::-1]]
    back = client.get(second.context["pager"].previous)
    assert [line.paper.pk for line in back.context["lines"]] == shown[:25]


def test_a_broken_cursor_starts_at_the_newest(client, db):
    paper = PaperFactory()
    for cursor in ("o!!", "nAAAA", "\x00", "o" + "A" * 70):
        lines = client.get("/papers/", {"cursor": cursor}).context["lines"]
        assert [line.paper for line in lines] == [paper]


def test_dates_are_in_words_in_either_language(client, db):
    paper = PaperFactory(published_at="2026-05-14T00:00:00Z")
    assert "14 May 2026" in client.get(paper.get_absolute_url()).text
    with override("ja"):
        address = paper.get_absolute_url()
    assert "2026年5月14日" in client.get(address).text


@pytest.mark.django_db
def test_signed_in_curators_see_the_ways_to_their_desk(client):
    client.force_login(CuratorFactory())
    assert 'href="/review/"' in client.get("/papers/").text


def test_of_a_work_not_fetched_yet_only_the_month_is_known(client, db):
    paper = PaperFactory(published_at="2026-05-01T00:00:00Z", fetched_at=None)
    page = client.get(paper.get_absolute_url()).text
    assert "1 May 2026" not in page
    assert "May 2026" in page
