"""Japanese pages: no English message is left on them, and they say what they are."""

import html
import re

import pytest
from babel.messages import pofile
from django.conf import settings
from django.utils import timezone, translation

from bin import check_translations
from ingest import harvest
from ingest.models import Harvest, Query
from ingest.models.queries import SHIPPED
from taxonomy import curation, vocabulary
from taxonomy.api.reference import reference
from taxonomy.curation import Actor
from taxonomy.models import Collection, Link
from tests.factories import (
    ConceptFactory,
    DomainFactory,
    PaperFactory,
    SuggestionFactory,
    UserFactory,
)

CATALOG = settings.BASE_DIR / "locale" / "ja" / "LC_MESSAGES" / "django.po"
TELLING = 12  # characters; shorter English may stand in an address or a class
NOT_TEXT = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}|<[^>]*>")
IN_ENGLISH = re.compile(r'<(\w+)[^>]* lang="en"[^>]*>.*?</\1>', re.DOTALL)  # and says so
ALTERNATE = re.compile(
    r'<link rel="alternate" hreflang="([^"]+)" href="http://testserver([^"]+)">'
)
PAGES = {
    "atlas": "/",
    "challenges": "/challenges/",
    "challenge": "/challenges/latency/",
    "older": "/challenges/latency/?older=",
    "domains": "/domains/",
    "domain": "/domains/medicine/",
    "papers": "/papers/",
    "filtered": "/papers/?challenge=latency&q=waiting&tagged=yes",
    "open ground": "/papers/?challenge=latency&domain=law",
    "no papers": "/papers/?q=zzzz",
    "unknown id": "/papers/?q=2501.99999",
    "paper": "/papers/2501.00001/",
    "review": "/review/",
    "ingest": "/ingest/",
    "run": "/ingest/runs/{run}/",
    "sign in": "/login/",
    "api": "/api/docs/",
}


@pytest.fixture(scope="session")
def telling():
    """The pieces of English messages that are long enough to be told from anything else."""
    with CATALOG.open("rb") as file:
        catalog = pofile.read_po(file, locale="ja")
    sources = [m.id if isinstance(m.id, str) else m.id[-1] for m in catalog if m.id]
    found = {piece.strip() for source in sources for piece in NOT_TEXT.split(source)}
    return sorted(piece for piece in found if len(piece) > TELLING)


@pytest.fixture
def visitor(client, db):
    """Someone who may see every page, and something made up on each of them."""
    user = UserFactory(is_superuser=True)
    challenge, other = ConceptFactory(slug="latency"), ConceptFactory(slug="cost")
    domain, _law = DomainFactory(slug="medicine"), DomainFactory(slug="law")
    ConceptFactory(slug="decoding", broader=challenge)
    group = Collection.objects.create(slug="design", position=1)
    group.labels.create(language="ja", text="設計", note="導入前に決まること")
    group.members.add(challenge)
    link = Link.objects.create(challenge=challenge, domain=domain)
    link.texts.create(language="ja", text="待つ時間がない。")
    tagged = PaperFactory(arxiv_id="2501.00001", title="On waiting", withdrawn=True)
    for concept in (challenge, domain):
        curation.decide(
            paper=tagged, concept=concept, verdict="accept", actor=Actor.person(user)
        )
    link.evidence.create(paper=tagged)
    vocabulary.touch()
    SuggestionFactory(concept=other)
    client.force_login(user)
    return client


@pytest.fixture
def run(shipped_queries):
    """A run that failed, so that its page offers to go on."""
    begun = harvest.begin(shipped_queries["cs-cl"], trigger="command")
    Harvest.objects.filter(pk=begun.pk).update(
        state="failed", error="?", finished_at=timezone.now()
    )
    return begun


def page_in(language, visitor, name, run):
    prefix = "/ja" if language == "ja" else ""
    if name == "sign in":
        visitor.logout()
    response = visitor.get(prefix + PAGES[name].format(run=run.pk))
    assert response.status_code == 200
    return html.unescape(response.text)


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_left_in_english(visitor, run, telling, name):
    japanese = IN_ENGLISH.sub("", page_in("ja", visitor, name, run))
    assert [piece for piece in telling if piece in japanese] == []


@pytest.mark.parametrize("name", PAGES)
def test_the_english_page_would_be_noticed(visitor, run, telling, name):
    english = page_in("en", visitor, name, run)
    assert len([piece for piece in telling if piece in english]) > 5


@pytest.mark.parametrize("name", PAGES)
def test_a_page_says_its_language_and_where_the_other_is(visitor, run, name):
    path = PAGES[name].format(run=run.pk)
    text = page_in("ja", visitor, name, run)
    assert re.findall(r'<html lang="(\w+)">', text) == ["ja"]
    assert ALTERNATE.findall(text) == [("en", path), ("ja", f"/ja{path}"), ("x-default", path)]


@pytest.mark.parametrize(
    ("address", "said"),
    [("/ja/nowhere/", "この地図にはありません"), ("/nowhere/", "Not on this map")],
)
def test_what_is_missing_is_said_in_the_language_of_the_address(client, db, address, said):
    response = client.get(address)
    assert response.status_code == 404
    assert said in response.text


def test_japanese_sentences_stand_without_spaces_between_them(visitor, run):
    lede = re.search(r'<p class="lede">(.*?)</p>', page_in("ja", visitor, "atlas", run), re.S)
    assert re.findall(r"[。、]\s+\S", lede[1]) == []


def test_an_edition_signs_in_the_readers_language(visitor, db):
    paper, concept = PaperFactory(), ConceptFactory()
    edition = Actor.importing("edition 4")
    curation.decide(paper=paper, concept=concept, verdict="accept", actor=edition)
    assert "edition 4 ·" in visitor.get(f"/papers/{paper.arxiv_id}/").text
    assert "第4版 ·" in visitor.get(f"/ja/papers/{paper.arxiv_id}/").text


def test_the_first_queries_have_a_name_in_each_language(shipped_queries):
    queries = list(shipped_queries.values())
    assert sorted(query.name for query in queries) == sorted(SHIPPED)
    with translation.override("ja"):
        assert [query.name for query in queries if query.title == query.name] == []


def test_the_name_that_a_curator_gives_stays(db):
    query = Query.objects.create(slug="own", name="Papers", search="cat:cs.CL")
    with translation.override("ja"):
        assert query.title == "Papers"


def test_the_catalog_is_complete_and_compiled(monkeypatch):
    monkeypatch.chdir(settings.BASE_DIR)
    assert check_translations.problems() == []


def test_the_documentation_of_the_api_describes_in_english_whoever_asks_first(client, db):
    reference.cache_clear()
    text = client.get("/ja/api/docs/").text
    assert '<td lang="en">Rows on a page.</td>' in text
