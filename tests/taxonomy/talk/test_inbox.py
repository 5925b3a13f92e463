"""Reading one's inbox, and the pages of following."""

import pytest
from django.urls import reverse

from taxonomy import people, vocabulary
from taxonomy.models import Follow, Notice
from taxonomy.talk import following, gathering, inbox
from taxonomy.talk.following import Target
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, UserFactory
from tests.taxonomy.talk.test_gathering import accept
from tests.taxonomy.talk.together import at_once

FOLLOWING, INBOX = "/following/", "/inbox/"


@pytest.fixture
def concept(db):
    return ConceptFactory(slug="latency", label="Latency")


def news(user, concept, curator, count=1):
    """So many notices for this person."""
    following.follow(user, Target(concept=concept.pk))
    for _ in range(count):
        accept(PaperFactory(), concept, curator)
    gathering.gather()
    user.refresh_from_db()
    return Notice.objects.filter(user=user).order_by("pk")


def test_the_number_unread_follows_what_is_read(reader, curator, concept):
    first, _second, third = news(reader, concept, curator, 3)
    assert reader.unread == 3
    assert inbox.mark_read(UserFactory(), first.pk) is False
    assert [inbox.mark_read(reader, first.pk) for _ in range(2)] == [True, False]
    reader.refresh_from_db()
    assert reader.unread == 2
    assert inbox.mark_all_read(reader, third.pk - 1) == 1
    reader.refresh_from_db()
    assert reader.unread == 1


def test_an_inbox_is_paged_by_keyset(reader, curator, concept):
    rows = list(news(reader, concept, curator, 5))[::-1]
    page = inbox.page_of(reader, size=2)
    assert (page.notices, page.older) == (rows[:2], rows[1].pk)
    assert inbox.page_of(reader, before=page.older, size=3) == inbox.InboxPage(rows[2:], 0)
    inbox.mark_read(reader, rows[0].pk)
    assert inbox.page_of(reader, unread=True, size=9).notices == rows[1:]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_mark_it_read_at_once_one_hears_yes():
    reader = UserFactory()
    (notice,) = news(reader, ConceptFactory(), CuratorFactory())
    heard = at_once(*[lambda: inbox.mark_read(reader, notice.pk)] * 3)
    assert sorted(heard) == [False, False, True]
    reader.refresh_from_db()
    assert reader.unread == 0


# Pages


@pytest.mark.parametrize("count", [1, 3])
def test_the_inbox_costs_the_same_for_many(
    client, reader, curator, concept, count, django_assert_num_queries
):
    news(reader, concept, curator, count)
    client.force_login(reader)
    vocabulary.current()
    with django_assert_num_queries(4):  # session with user, notices, terms
        page = client.get(INBOX)
    assert page.text.count('<li id="notice-') == count


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_what_is_followed_costs_the_same_for_many(
    client, reader, concept, count, django_assert_num_queries
):
    following.follow(reader, Target(search="challenge=latency"))
    following.follow(reader, Target(concept=concept.pk))
    for _ in range(count):
        following.follow(reader, Target(paper=PaperFactory().pk))
    client.force_login(reader)
    vocabulary.current()
    # session, user, follows, vocabulary, mail (2)
    with django_assert_num_queries(6):
        page = client.get(FOLLOWING)
    assert page.text.count('<li id="follow-') == count + 2


def test_the_header_says_how_many_are_unread_without_a_query(client, reader, curator, concept):
    news(reader, concept, curator, 3)
    client.force_login(reader)
    assert 'class="unread">3<' in client.get("/challenges/").text
    type(reader).objects.update(unread=120)
    assert 'class="unread">99+<' in client.get("/challenges/").text
    type(reader).objects.update(unread=0)
    assert 'class="unread"' not in client.get("/challenges/").text


def test_marking_leads_back_to_the_page_that_was_looked_at(client, reader, curator, concept):
    first, second = news(reader, concept, curator, 2)
    client.force_login(reader)
    one = client.post(
        reverse("taxonomy:inbox-read-one", args=[first.pk]), {"show": "unread", "before": "9"}
    )
    assert one["Location"] == f"/inbox/?show=unread&before=9#notice-{first.pk}"
    every = client.post(reverse("taxonomy:inbox-read"), {"until": second.pk})
    assert every["Location"] == INBOX
    reader.refresh_from_db()
    assert reader.unread == 0
    assert "Mark as read" not in client.get(INBOX).text
    assert "All read" in client.get(INBOX, {"show": "unread"}).text


@pytest.mark.parametrize("junk", ["x", "9" * 40, "-1", "１"])
def test_an_address_that_makes_no_sense_is_the_first_page(client, reader, junk):
    client.force_login(reader)
    for address in (INBOX, FOLLOWING):
        assert client.get(address, {"before": junk}).status_code == 200


@pytest.mark.parametrize(
    ("address", "field", "value"),
    [
        ("/challenges/latency/", "concept", "latency"),
        ("/papers/2501.00001/", "paper", "2501.00001"),
        ("/papers/?q=agents&sort=oldest", "search", "q=agents"),
    ],
)
def test_a_button_follows_and_stops_without_javascript(
    client, reader, concept, address, field, value
):
    PaperFactory(arxiv_id="2501.00001", title="Agents")
    assert "Sign in to follow" in client.get(address, follow=True).text
    client.force_login(reader)
    shown = client.get(address).context["follow"]
    assert (shown.field, shown.value, shown.row) == (field, value, None)
    sent = client.post(reverse("taxonomy:follow"), {field: value, "back": shown.back})
    assert sent["Location"] == shown.back
    row = Follow.objects.get()
    assert client.get(address).context["follow"].row == row
    sent = client.post(reverse("taxonomy:unfollow", args=[row.pk]), {"back": "//evil.example"})
    assert sent["Location"] == FOLLOWING
    assert not Follow.objects.exists()


def test_with_htmx_the_button_alone_comes_back(client, reader, concept):
    client.force_login(reader)
    values = {"field": "concept", "concept": "latency", "back": "/challenges/latency/"}
    answer = client.post(reverse("taxonomy:follow"), values, headers={"hx-request": "true"})
    assert answer.text.count("<form") == 1
    assert "Stop following" in answer.text
    url = reverse("taxonomy:unfollow", args=[Follow.objects.get().pk])
    answer = client.post(url, values, headers={"hx-request": "true"})
    assert 'value="latency"' in answer.text
    assert "Stop following" not in answer.text


def test_a_search_is_followed_once_however_it_was_written(client, reader):
    client.force_login(reader)
    for search in ("q=agents", "sort=oldest&q=++agents&cursor=x&unknown=1", "q=agents&year=1"):
        client.post(reverse("taxonomy:follow"), {"search": search})
    assert Follow.objects.get().search == "q=agents"


@pytest.mark.parametrize(
    "values", [{}, {"concept": "nothing"}, {"paper": "2501.99999"}, {"search": "sort=oldest"}]
)
def test_what_does_not_exist_is_not_followed(client, reader, values):
    client.force_login(reader)
    assert client.post(reverse("taxonomy:follow"), values).status_code == 404


def test_who_follows_too_much_is_told_so(client, reader, monkeypatch, concept):
    monkeypatch.setattr(following, "MOST", 0)
    client.force_login(reader)
    values = {"concept": "latency", "back": "/challenges/latency/"}
    page = client.post(reverse("taxonomy:follow"), values, follow=True)
    assert "You follow 0 things already" in page.text


def test_whoever_leaves_leaves_no_inbox_behind(reader, curator, concept):
    news(reader, concept, curator, 2)
    people.delete_account(reader)
    assert (Follow.objects.count(), Notice.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_leaving_while_inboxes_are_filled_ends_well():
    curator, concept, paper = CuratorFactory(), ConceptFactory(), PaperFactory()
    gathering.gather()
    for _ in range(4):
        reader = UserFactory()
        following.follow(reader, Target(paper=paper.pk))
        accept(paper, concept, curator, "reject")
        heard = at_once(gathering.gather, lambda reader=reader: people.delete_account(reader))
        assert [type(one) for one in heard] == [int, type(reader)]
        assert Follow.objects.count() == Notice.objects.count() == 0
