"""The feed of one's own inbox, by an address that can be renewed."""

from xml.etree import ElementTree

import pytest
from django.urls import reverse

from taxonomy import people, vocabulary
from taxonomy.models import Notice, Subscription
from taxonomy.talk import private_feed
from tests.factories import ConceptFactory, UserFactory
from tests.taxonomy.talk.test_inbox import news
from tests.taxonomy.talk.together import at_once
from tests.taxonomy.views.test_feeds import ATOM, entries


def address_of(secret):
    return reverse("taxonomy:feed-following", args=[secret])


@pytest.mark.parametrize("count", [1, 3])
def test_the_feed_costs_the_same_at_any_length(
    client, reader, curator, count, django_assert_num_queries
):
    found = news(reader, ConceptFactory(), curator, count)
    secret = private_feed.renew_address(reader)
    vocabulary.current()
    with django_assert_num_queries(3):  # owner, vocabulary, notices
        answer = client.get(address_of(secret))
    newest_first = [f"tag:testserver,2026:notice/{one.pk}" for one in found][::-1]
    assert entries(answer) == newest_first
    assert Notice.objects.unread().count() == count


def test_an_entry_says_what_happened_and_leads_there(client, reader, curator):
    (notice,) = news(reader, ConceptFactory(label="Latency"), curator)
    answer = client.get(address_of(private_feed.renew_address(reader)))
    entry = next(ElementTree.fromstring(answer.content).iter(f"{ATOM}entry"))
    assert entry.find(f"{ATOM}title").text == f"Accepted for Latency: {notice.paper.title}"
    assert entry.find(f"{ATOM}link").get("href").endswith(notice.paper.get_absolute_url())
    assert (answer["Cache-Control"], answer["X-Robots-Tag"]) == (
        "private, max-age=300",
        "noindex",
    )


def test_an_address_holds_until_it_is_renewed_or_closed(client, reader):
    client.force_login(reader)
    page = client.post(reverse("taxonomy:feed-address"))
    first = page.context["address"].removeprefix("http://testserver")
    assert first in page.text
    assert first not in client.get("/following/").text
    second = private_feed.renew_address(reader)
    client.logout()
    heard = [client.get(address).status_code for address in (first, address_of(second))]
    assert heard == [404, 200]
    client.force_login(reader)
    client.post(reverse("taxonomy:feed-address"), {"close": "1"})
    assert client.get(address_of(second)).status_code == 404


@pytest.mark.parametrize("way", ["closed", "deleted"])
def test_the_feed_ends_with_the_account(client, reader, way):
    secret = private_feed.renew_address(reader)
    if way == "closed":
        people.set_active(reader, False)
    else:
        people.delete_account(reader)
    assert client.get(address_of(secret)).status_code == 404


def test_a_feed_that_has_not_changed_is_not_sent_again(client, reader, curator):
    news(reader, ConceptFactory(), curator)
    address = address_of(private_feed.renew_address(reader))
    etag = client.get(address)["ETag"]
    assert client.get(address, headers={"if-none-match": etag}).status_code == 304


@pytest.mark.django_db(transaction=True)
def test_of_addresses_made_at_once_one_holds():
    reader = UserFactory()
    secrets = at_once(*[lambda: private_feed.renew_address(reader)] * 4)
    assert [private_feed.owner_of(secret) for secret in secrets].count(reader) == 1
    assert Subscription.objects.count() == 1
    heard = at_once(*[lambda: private_feed.close_address(reader)] * 3)
    assert sorted(heard) == [False, False, True]
