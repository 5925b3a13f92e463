"""Digests by e-mail: once a period, only of news, and ended by one click."""

from datetime import UTC, date, datetime, timedelta
from smtplib import SMTPException

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from taxonomy import people
from taxonomy.models import Digest, Subscription, User
from taxonomy.talk import digests, inbox
from taxonomy.talk.following import Target, follow
from taxonomy.talk.gathering import gather
from taxonomy.talk.tasks import send_digests
from tests.factories import ConceptFactory, CuratorFactory, PaperFactory, UserFactory
from tests.taxonomy.talk.test_gathering import accept
from tests.taxonomy.talk.together import at_once

MONDAY = datetime(2031, 3, 3, 6, tzinfo=UTC)


def subscriber(every="day", language="en", name="ada"):
    """Hears of a concept by e-mail; nothing has happened yet."""
    user = UserFactory(username=name)
    EmailAddress.objects.create(user=user, email=f"{name}@a.example", verified=True)
    concept = ConceptFactory(label=f"Latency of {name}")
    follow(user, Target(concept=concept.pk))
    digests.subscribe(user, every, language)
    user.concept = concept
    return user


def happens(user, title="Some paper"):
    accept(PaperFactory(title=title), user.concept, CuratorFactory())
    gather()


def send_all():
    while digests.send_next():
        pass
    return len(mail.outbox)


def test_a_day_has_one_digest_and_a_day_without_news_none(db):
    user = subscriber()
    assert digests.line_up(MONDAY) == 0
    happens(user)
    assert [digests.line_up(MONDAY + timedelta(hours=h)) for h in (1, 23, 24, 25)] == [
        0,
        0,
        1,
        0,
    ]
    assert send_all() == 1
    assert digests.line_up(MONDAY + timedelta(days=2)) == 0


def test_a_week_is_told_on_its_monday(db):
    user = subscriber("week")
    digests.line_up(MONDAY)
    happens(user)
    assert [digests.line_up(MONDAY + timedelta(days=d)) for d in range(9)] == [0] * 7 + [1, 0]
    assert Digest.objects.get().period == date(2031, 3, 10)


@pytest.mark.parametrize(("hour", "day"), [(5, 2), (6, 3)])
def test_a_period_begins_in_the_morning(hour, day):
    now = MONDAY.replace(hour=hour)
    assert digests.period_of("day", now) == date(2031, 3, day)
    assert digests.period_of("week", now) == date(2031, 3, 3) - timedelta(
        days=0 if day == 3 else 7
    )


def test_what_happened_before_and_what_was_read_is_not_sent(db):
    user = subscriber("never")
    happens(user, "Before")
    digests.subscribe(user, "day", "en")
    happens(user, "Read")
    inbox.mark_all_read(user, 1 << 60)
    assert digests.line_up(MONDAY) == 0
    happens(user, "News")
    digests.line_up(MONDAY + timedelta(days=1))
    send_all()
    (letter,) = mail.outbox
    assert [title in letter.body for title in ("Before", "Read", "News")] == [
        False,
        False,
        True,
    ]


def test_what_is_read_after_it_was_lined_up_is_not_sent(db):
    user = subscriber()
    happens(user)
    digests.line_up(MONDAY)
    inbox.mark_all_read(user, 1 << 60)
    assert send_all() == 0
    assert Digest.objects.get().error == "all read meanwhile"


@pytest.mark.parametrize(
    ("language", "path"), [("en", "http://127.0.0.1:8000/inbox/"), ("ja", "/ja/inbox/")]
)
def test_a_letter_is_text_and_html_in_the_language_of_its_reader(db, language, path):
    user = subscriber(language=language)
    happens(user, "Fast <b>& light</b>")
    digests.line_up(MONDAY)
    send_all()
    (letter,) = mail.outbox
    html, kind = letter.alternatives[0]
    label = {"en": "for Latency of ada", "ja": "課題 Latency of ada"}[language]
    assert (letter.to, kind) == (["ada@a.example"], "text/html")
    assert "Fast <b>& light</b>" in letter.body
    assert "Fast &lt;b&gt;&amp; light&lt;/b&gt;" in html
    for body in (letter.body, html):
        assert (label in body, path in body) == (True, True)
    assert f'lang="{language}"' in html


def test_one_click_ends_it_without_signing_in_and_a_look_does_not(db):
    user = subscriber()
    happens(user)
    digests.line_up(MONDAY)
    send_all()
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").partition("8000")[2]
    client = Client(enforce_csrf_checks=True)
    assert "No more of these e-mails?" in client.get(address).text
    assert Subscription.objects.get().every == "day"
    for _ in range(2):
        done = client.post(address, {"List-Unsubscribe": "One-Click"})
        assert (done.status_code, Subscription.objects.get().every) == (200, "never")
    assert client.post(address[:-3] + "x/").status_code == 404


def test_an_address_that_is_not_confirmed_gets_nothing(db):
    user = subscriber()
    EmailAddress.objects.update(verified=False)
    happens(user)
    digests.line_up(MONDAY)
    assert send_all() == 0
    assert Digest.objects.get().error == "no confirmed address"


def test_who_ended_it_or_left_gets_nothing_that_was_lined_up(db):
    ended, left = subscriber(), subscriber(name="bo")
    happens(ended)
    happens(left)
    assert digests.line_up(MONDAY) == 2
    digests.unsubscribe(ended.pk)
    people.delete_account(left)
    assert send_all() == 0
    assert not Subscription.objects.filter(user=left).exists()


def test_a_mail_server_that_refuses_is_asked_again_later_and_not_for_ever(db, settings):
    settings.EMAIL_BACKEND = "tests.taxonomy.talk.test_digests.Refusing"
    user = subscriber()
    happens(user)
    digests.line_up(MONDAY)
    assert [digests.send_next() for _ in range(2)] == [True, False]
    for _ in range(digests.MOST_ATTEMPTS):
        Digest.objects.update(not_before=timezone.now())
        digests.send_next()
    digest = Digest.objects.get()
    assert (digest.attempts, digest.given_up_at is not None) == (digests.MOST_ATTEMPTS, True)
    assert digest.error == "SMTPException: full"


class Refusing:
    """A mail server that takes nothing."""

    def __init__(self, **options):
        pass

    def send_messages(self, messages):
        raise SMTPException("full")


@pytest.mark.django_db(transaction=True)
def test_four_who_line_up_and_send_at_once_send_one_each():
    users = [subscriber(name=name) for name in ("ada", "bo", "cy")]
    for user in users:
        happens(user)
    lined_up = at_once(*[lambda: digests.line_up(MONDAY)] * 4)
    assert sum(lined_up) + digests.line_up(MONDAY) == 3
    at_once(*[send_all] * 4)
    assert sorted(letter.to[0][:2] for letter in mail.outbox) == ["ad", "bo", "cy"]
    assert not Digest.objects.filter(sent_at__isnull=True).exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_subscribe_and_end_it_at_once_leave_one_row():
    user = UserFactory()
    heard = at_once(*[lambda: digests.subscribe(user, "day", "en")] * 3)
    assert {type(one) for one in heard} == {Subscription}
    heard = at_once(*[lambda: digests.unsubscribe(user.pk)] * 3)
    assert sorted(heard) == [False, False, True]


def test_how_often_is_chosen_on_the_page(client, reader):
    client.force_login(reader)
    client.post(reverse("taxonomy:digest"), {"every": "week", "language": "ja"})
    row = Subscription.objects.get()
    assert (row.every, row.language) == ("week", "ja")
    client.post(reverse("taxonomy:digest"), {"every": "hour", "language": "ja"})
    assert Subscription.objects.get() == row
    assert client.get("/following/").context["mail"].initial["every"] == "week"


def test_the_task_lines_up_and_sends(db):
    user = subscriber()
    happens(user)
    Subscription.objects.update(period=date(2020, 1, 1))
    send_digests()
    assert len(mail.outbox) == 1
    assert User.objects.get(pk=user.pk).unread == 1
