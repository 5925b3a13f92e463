"""The page of the suggester."""

from html import unescape

import pytest
from django.urls import reverse

from ingest.models import SuggesterModel, SuggesterPolicy
from ingest.suggest import active, learning, standing
from taxonomy import curation
from taxonomy.curation import Actor
from taxonomy.models import Screening
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, SuggestionFactory
from tests.ingest.suggest import made_up
from tests.ingest.suggest.rows import LAW, concepts, state, suggested, waiting

PAGE = reverse("ingest:suggester")
pytestmark = pytest.mark.django_db


@pytest.fixture
def model():
    made = concepts()
    found = made_up.examples(60)
    pairs = [
        (PaperFactory(title=title, abstract=abstract), made[slug])
        for (title, abstract), slugs in zip(found.papers, found.labels, strict=True)
        for slug in slugs
    ]
    curation.accept_all(pairs=pairs, actor=Actor.importing("made up"))
    return learning.learn()


@pytest.fixture
def signed_in(client, keeper):
    client.force_login(keeper)
    return keeper


def texts(response):
    return unescape(response.content.decode())


def test_before_anything_was_learned_the_page_says_so(client):
    page = texts(client.get(PAGE))
    assert "The vocabulary alone" in page
    assert "Nothing has been learned yet." in page


def test_a_learned_suggester_shows_its_figures_to_everyone(client, model):
    page = texts(client.get(PAGE))
    assert f"{model.name}, learned" in page
    assert f"{model.evaluation['micro']['f1']:.3f}" in page
    assert page.count("</title></circle>") == len(model.evaluation["bins"])
    assert "Use this one" not in page


def test_a_target_in_the_address_shows_what_it_would_do_and_changes_nothing(client, model):
    right = model.evaluation["targets"]["90"]["precision"]
    page = texts(client.get(PAGE, {"target": "90"}, headers={"HX-Request": "true"}))
    assert f"<dd>{round(100 * right)} %</dd>" in page
    assert "<html" not in page
    assert not SuggesterPolicy.objects.exists()


@pytest.mark.parametrize("target", ["", "49", "100", "x", "0" * 5000])
def test_a_target_that_is_not_offered_is_passed_over(client, model, target):
    assert client.get(PAGE, {"target": target}).status_code == 200


def test_a_keeper_sets_the_target_and_the_suggester_obeys(client, signed_in, model):
    before = active.current().thresholds
    client.post(reverse("ingest:set-target"), {"target": "95"})
    policy = SuggesterPolicy.objects.get()
    assert (policy.target, policy.changed_by) == (95, signed_in.username)
    assert active.current().target == 95
    assert (active.current().thresholds != before).any()
    client.post(reverse("ingest:set-target"), {"target": "best"})
    assert (active.current().thresholds == before).all()


def test_a_share_that_is_not_offered_is_refused_in_words(client, signed_in):
    answer = client.post(reverse("ingest:set-target"), {"target": "12"}, follow=True)
    assert "Choose one of the shares that are offered." in texts(answer)
    assert not SuggesterPolicy.objects.exists()


def test_with_no_labels_a_target_is_the_least_probability():
    concepts()
    SuggesterPolicy.objects.create(target=95)
    assert active.current().thresholds == pytest.approx(0.95)


def test_a_keeper_goes_back_to_a_former_suggester(client, signed_in, model):
    learning.learn()
    client.post(reverse("ingest:use-suggester", args=[1]))
    assert SuggesterModel.objects.in_use().get().number == 1
    client.post(reverse("ingest:use-suggester", args=[0]))
    assert not SuggesterModel.objects.in_use().exists()


def test_a_lost_file_is_said_in_words(client, signed_in, model):
    learning.learn()
    (active.folder() / model.file).unlink()
    answer = client.post(reverse("ingest:use-suggester", args=[1]), follow=True)
    assert "The file of this suggester is gone." in texts(answer)
    assert SuggesterModel.objects.in_use().get().number == 2


def test_suggesting_anew_puts_papers_back(client, signed_in):
    concepts()
    paper = waiting(**LAW)
    Screening.objects.update(state="abstained")
    client.post(reverse("ingest:suggest-again"))
    assert (state(paper), suggested(paper)) == ("identified", [])


@pytest.mark.parametrize(
    ("name", "args"), [("set-target", []), ("use-suggester", [0]), ("suggest-again", [])]
)
def test_strangers_change_nothing(client, name, args):
    answer = client.post(reverse(f"ingest:{name}", args=args), {"target": "90"})
    assert answer.status_code == 302
    assert "login" in answer.url
    assert not SuggesterPolicy.objects.exists()


def test_weeks_tell_agreement_and_what_was_accepted_unasked(client):
    curator = CuratorFactory()
    concept = ConceptFactory()
    for verdict in ("accept", "accept", "reject"):
        paper = PaperFactory()
        SuggestionFactory(paper=paper, concept=concept)
        curation.decide(
            paper=paper, concept=concept, verdict=verdict, actor=Actor.person(curator)
        )
    curation.decide(
        paper=PaperFactory(), concept=concept, verdict="accept", actor=Actor.person(curator)
    )
    [week] = standing.weeks()
    assert (week.accepted, week.rejected, week.unasked, week.agreement) == (2, 1, 1, 67)
    assert "67 %" in texts(client.get(PAGE))


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_however_many_models(
    client, model, django_assert_num_queries, count
):
    for number in range(2, count + 1):
        SuggesterModel.objects.create(
            number=number, file=f"{number}.npz", examples=1, vocabulary_number=1
        )
    client.get(PAGE)
    with django_assert_num_queries(9):
        client.get(PAGE)
