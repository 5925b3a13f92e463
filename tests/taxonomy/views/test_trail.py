"""The pages of the trail, of bulk work and of batches."""

from datetime import date

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from taxonomy import batches, curation, vocabulary
from taxonomy.curation import Actor
from taxonomy.models import Batch, Decision, Tag
from taxonomy.selection import SuggestionFilter
from taxonomy.trail import TrailFilter
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    SuggestionFactory,
)

TRAIL, REVERT, BULK, BATCHES = "/trail/", "/trail/revert/", "/review/bulk/", "/trail/batches/"
KEY = "0123456789ab"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def latency(db):
    return ConceptFactory(slug="latency")


@pytest.fixture
def editor(db):
    user = CuratorFactory(username="editor")
    user.user_permissions.add(Permission.objects.get(codename="revert_decision"))
    return user


@pytest.fixture
def as_curator(client, curator):
    client.force_login(curator)
    return client


def decide(user, concept, paper=None, verdict="accept", **values):
    return curation.decide(
        paper=paper or PaperFactory(),
        concept=concept,
        verdict=verdict,
        actor=Actor.person(user),
        **values,
    )


def numbers(response):
    """The decisions that a page of the trail shows, in its order."""
    return [line.decision.pk for line in response.context["lines"]]


def begun(user, key="k", **wanted):
    return batches.begin_decisions(
        wanted=SuggestionFilter(**wanted), verdict="accept", user=user, key=key
    )


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_trail_costs_the_same_at_any_length(
    as_curator, curator, latency, django_assert_num_queries, item_count
):
    for _ in range(item_count):
        decide(curator, latency)
    # session, user, two of permissions, page, steps, head, and the vocabulary's number thrice
    with django_assert_num_queries(8):
        response = as_curator.get(TRAIL)
    assert len(numbers(response)) == item_count


@pytest.mark.parametrize("path", [TRAIL, REVERT, BULK, BATCHES])
def test_readers_are_refused_and_strangers_sent_to_sign_in(client, reader, path):
    assert client.get(path).status_code == 302
    assert client.get(path).url.startswith(reverse("login"))
    client.force_login(reader)
    assert client.get(path).status_code == 403


def test_the_trail_shows_what_a_decision_changed(as_curator, curator, latency):
    paper = PaperFactory()
    decide(curator, latency, paper)
    decide(curator, latency, paper, "reject", reason="only-mentions", note="In passing.")
    response = as_curator.get(TRAIL)
    newest, oldest = response.context["lines"]
    assert (oldest.before, oldest.after) == ("nothing", "accept")
    assert (newest.before, newest.after) == ("accept", "reject")
    assert "In passing." in response.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("person=curator", {"accepted", "rejected"}),
        ("person=nobody", set()),
        ("machine=edition+1", {"imported"}),
        ("verdict=reject", {"rejected"}),
        ("concept=latency", {"accepted", "rejected", "imported"}),
        ("paper=arXiv:2401.00001v2", {"rejected"}),
        ("since=2020-01-01T10:30", {"accepted", "rejected", "imported"}),
        ("until=2020-01-01T10:30", set()),
    ],
)
def test_conditions_narrow_the_trail(as_curator, curator, latency, query, found):
    curation.accept_all(pairs=[(PaperFactory(), latency)], actor=Actor.importing("edition 1"))
    rows = {
        "imported": Decision.objects.get().pk,
        "accepted": decide(curator, latency).pk,
        "rejected": decide(curator, latency, PaperFactory(arxiv_id="2401.00001"), "reject").pk,
    }
    response = as_curator.get(f"{TRAIL}?{query}")
    assert set(numbers(response)) == {rows[name] for name in found}


def test_a_condition_that_makes_no_sense_is_marked(as_curator):
    response = as_curator.get(f"{TRAIL}?paper=nonsense")
    assert response.context["lines"] == []
    assert "This is no arXiv id." in response.text


def test_the_trail_goes_on_page_by_page_and_back(as_curator, curator, latency, monkeypatch):
    monkeypatch.setattr("taxonomy.views.trail.SIZE", 2)
    made = [decide(curator, latency).pk for _ in range(5)][::-1]
    first = as_curator.get(f"{TRAIL}?person=curator")
    second = as_curator.get(TRAIL + first.context["pager"].older)
    third = as_curator.get(TRAIL + second.context["pager"].older)
    assert [numbers(page) for page in (first, second, third)] == [made[:2], made[2:4], made[4:]]
    assert third.context["pager"].older == ""
    assert numbers(as_curator.get(TRAIL + third.context["pager"].newer)) == made[2:4]
    assert first.context["pager"].newer == ""


def test_a_look_before_taking_back_changes_nothing(client, editor, curator, latency):
    decide(curator, latency, verdict="reject")
    one = decide(curator, latency)
    client.force_login(editor)
    response = client.get(f"{REVERT}?person=curator&verdict=accept")
    assert response.context["outlook"].count == 1
    (line,) = response.context["lines"]
    assert (line.decision, line.before, line.after) == (one, "accept", "nothing")
    assert Tag.objects.count() == 1


def test_an_editor_takes_a_persons_decisions_back(client, editor, curator, latency):
    decide(curator, latency)
    client.force_login(editor)
    query = "?person=curator"
    upto = client.get(REVERT + query).context["outlook"].upto
    late = decide(curator, latency)
    body = {"key": KEY, "upto": upto, "note": "A stolen password."}
    response = client.post(REVERT + query, body)
    batch = Batch.objects.get()
    assert response.url == batch.get_absolute_url()
    retract = Decision.objects.get(verdict="retract")
    assert (retract.note, retract.actor) == ("A stolen password.", editor)
    assert Tag.objects.get().decision == late
    client.post(REVERT + query, body)
    assert Batch.objects.count() == 1


def test_a_curator_takes_back_only_their_own(as_curator, curator, editor, latency):
    decide(editor, latency)
    decide(curator, latency)
    assert as_curator.get(f"{REVERT}?person=editor").status_code == 403
    assert as_curator.post(f"{REVERT}?person=editor", {"key": KEY}).status_code == 403
    as_curator.post(f"{REVERT}?person=curator", {"key": KEY})
    assert Decision.objects.get(verdict="retract").reverts.actor == curator


def test_all_of_the_trail_is_not_taken_back(client, editor, curator, latency):
    decide(curator, latency)
    client.force_login(editor)
    assert client.get(f"{REVERT}?verdict=accept").url == f"{TRAIL}?verdict=accept"
    assert client.post(REVERT, {"key": KEY}).status_code == 302
    assert not Batch.objects.exists()


def test_a_look_before_deciding_says_how_many_and_what_they_become(as_curator, latency):
    one = SuggestionFactory(concept=latency, score=0.97)
    other = SuggestionFactory(paper=one.paper)
    response = as_curator.get(f"{BULK}?concept=latency&least=0.95")
    assert (response.context["outlook"].count, response.context["outlook"].papers) == (1, 1)
    (shown,) = response.context["sample"]
    assert (shown.suggestion, shown.term.slug, shown.left) == (one, "latency", 1)
    assert other.paper == one.paper
    part = as_curator.get(f"{BULK}?concept=latency&least=0.95", headers=HTMX)
    assert part.text.strip().startswith('<div id="outlook">')
    assert "<b>1</b> open suggestion" in part.text
    assert part["HX-Replace-Url"] == f"{BULK}?concept=latency&least=0.95"
    assert "HX-Request" in part["Vary"]


@pytest.mark.parametrize("item_count", [1, 3])
def test_a_look_costs_the_same_at_any_size(
    as_curator, latency, django_assert_num_queries, item_count
):
    SuggestionFactory.create_batch(item_count, concept=latency)
    vocabulary.current()
    # session, user, two of permissions, two of the look, two of what becomes, and the
    # vocabulary's number for each reading of it
    with django_assert_num_queries(10):
        response = as_curator.get(f"{BULK}?concept=latency")
    assert len(response.context["sample"]) == item_count


def test_many_are_accepted_at_once(as_curator, curator, latency):
    SuggestionFactory.create_batch(3, concept=latency)
    query = "?concept=latency&least=0.5"
    upto = as_curator.get(BULK + query).context["outlook"].upto
    body = {"key": KEY, "upto": upto, "verdict": "accept", "note": ""}
    response = as_curator.post(BULK + query, body)
    batch = Batch.objects.get()
    assert response.url == batch.get_absolute_url()
    assert (batch.made, batch.made_by, Tag.objects.count()) == (3, curator, 3)
    as_curator.post(BULK + query, body)  # the button pressed twice
    assert Decision.objects.count() == 3


def test_bulk_without_conditions_decides_nothing(as_curator, latency):
    SuggestionFactory(concept=latency)
    response = as_curator.post(BULK, {"key": KEY, "verdict": "accept"}, follow=True)
    assert "Say which suggestions are meant." in response.text
    assert not Decision.objects.exists()


@pytest.mark.parametrize("body", [{}, {"key": KEY, "verdict": "retract"}, {"key": "?"}])
def test_a_hand_made_request_is_refused(as_curator, latency, body):
    assert as_curator.post(f"{BULK}?concept=latency", body).status_code == 400


def test_a_batch_goes_on_from_its_page(as_curator, curator, latency, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 2)
    SuggestionFactory.create_batch(5, concept=latency)
    batch = batches.go_on(begun(curator, concept="latency"), seconds=-1)
    page = as_curator.get(batch.get_absolute_url())
    assert "Go on" in page.text
    assert "load" not in page.text.partition('hx-trigger="')[2].partition('"')[0]
    response = as_curator.post(f"{batch.get_absolute_url()}go-on/", headers=HTMX)
    assert "5 of 5 done" in response.text
    assert "All done." in response.text
    assert Decision.objects.count() == 5


def test_a_batch_is_taken_back_as_one_from_its_page(as_curator, curator, latency):
    SuggestionFactory.create_batch(3, concept=latency)
    batch = batches.go_on(begun(curator, concept="latency"))
    response = as_curator.post(f"{batch.get_absolute_url()}undo/", {"key": KEY}, follow=True)
    undo = Batch.objects.get(kind="revert")
    assert response.redirect_chain[-1][0] == undo.get_absolute_url()
    assert (undo.made, Tag.objects.count()) == (3, 0)
    assert "Taken back:" in as_curator.get(batch.get_absolute_url()).text


def test_a_batch_says_what_was_meant_in_the_words_of_its_form(as_curator, curator, latency):
    moment = timezone.now().replace(year=2026, month=3, day=1, hour=5, minute=0)
    accepted = begun(curator, concept="latency", least=0.9, since=date(2026, 3, 1))
    wanted = TrailFilter(since=moment, person="curator", verdict="accept")
    reverted = batches.begin_revert(wanted=wanted, user=curator, key="r")
    pages = [as_curator.get(one.get_absolute_url()) for one in (accepted, reverted)]
    assert [page.context["selection"] for page in pages] == [
        [
            ("Concept", vocabulary.current().by_slug["latency"].label),
            ("Probability from", "0.9"),
            ("Suggested from", "2026-03-01"),
        ],
        [
            ("Person", "curator"),
            ("Verdict", "accept"),
            ("From, UTC", "1 March 2026 05:00 UTC"),
        ],
    ]


@pytest.mark.parametrize("act", ["go-on", "undo"])
def test_a_batch_is_its_makers_and_the_editors(client, curator, editor, latency, act):
    SuggestionFactory(concept=latency)
    batch = begun(curator, concept="latency")
    client.force_login(CuratorFactory())
    path = f"{batch.get_absolute_url()}{act}/"
    assert client.post(path, {"key": KEY}).status_code == 403
    client.force_login(editor)
    assert client.post(path, {"key": KEY}).status_code == 302


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_list_of_batches_costs_the_same_at_any_length(
    as_curator, latency, django_assert_num_queries, item_count
):
    for number in range(item_count):
        begun(CuratorFactory(), f"k{number}", concept="latency")
    vocabulary.current()
    with django_assert_num_queries(4):  # session, user and rights, terms, batches
        response = as_curator.get(BATCHES)
    assert [meant for _batch, meant in response.context["lines"]] == [
        "Concept: Latency"
    ] * item_count


def test_readers_see_a_number_where_a_curator_hides_the_name(
    client, as_curator, curator, latency
):
    paper = PaperFactory()
    decide(curator, latency, paper)
    as_curator.post("/trail/name/", {"shown": "off"})
    assert "curator" in [one.actor for one in as_curator.get(TRAIL).context["lines"]]
    client.logout()
    response = client.get(paper.get_absolute_url())
    assert [one.actor for one in response.context["trail"].lines] == [f"curator {curator.pk}"]
    client.force_login(curator)
    client.post("/trail/name/", {"shown": "on"})
    client.logout()
    response = client.get(paper.get_absolute_url())
    assert [one.actor for one in response.context["trail"].lines] == ["curator"]


def test_a_long_trail_of_a_paper_goes_on(client, curator, latency, monkeypatch):
    monkeypatch.setattr("taxonomy.views.papers.DECISIONS", 2)
    paper = PaperFactory()
    made = [
        decide(curator, latency, paper, verdict).pk
        for verdict in ("accept", "reject", "accept")
    ]
    first = client.get(paper.get_absolute_url()).context["trail"]
    assert [line.decision.pk for line in first.lines] == [made[2], made[1]]
    second = client.get(f"{paper.get_absolute_url()}?before={first.before}").context["trail"]
    assert [line.decision.pk for line in second.lines] == [made[0]]
    assert second.before is None
