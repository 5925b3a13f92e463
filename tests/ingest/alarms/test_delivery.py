"""Alarms are told once when raised and once when over, whatever becomes of the other side."""

import json
import threading
import time
from datetime import timedelta

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ingest import alarms
from ingest.alarms import channels, delivery
from ingest.alarms.tasks import check_alarms, deliver_alarms
from ingest.models import Alarm, Delivery, Pace
from tests.ingest.alarms.conftest import SECRETS, is_signed

Kind = Alarm.Kind


def raise_one():
    return alarms.raise_alarm(Kind.UNREACHABLE, "", {"since": "2025-06-01T00:00:00+00:00"})


def is_due():
    Delivery.objects.waiting().update(not_before=timezone.now() - timedelta(seconds=1))


@pytest.mark.django_db
def test_a_webhook_gets_what_happened_signed_with_every_secret(receiver):
    alarm = raise_one()
    deliver_alarms()
    [(headers, body)] = receiver.got
    assert [is_signed(headers, body, secret) for secret in SECRETS] == [True, True]
    assert is_signed(headers, body, b"a secret that nobody has told us") is False
    assert is_signed(headers, body + b" ", SECRETS[0]) is False
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert (headers["webhook-id"], headers["Content-Type"]) == (
        f"alarm-{alarm.pk}-raised",
        "application/json",
    )
    said = json.loads(body)
    assert (said["type"], said["timestamp"]) == ("alarm.raised", alarm.raised_at.isoformat())
    assert (said["data"]["kind"], said["data"]["title"], said["data"]["facts"]) == (
        "unreachable",
        "arXiv cannot be reached",
        {"since": "2025-06-01T00:00:00+00:00"},
    )


@pytest.mark.django_db
def test_an_alarm_is_told_once_when_raised_and_once_when_over(receiver, mailed):
    for _ in range(2):
        raise_one()
        deliver_alarms()
    for _ in range(2):
        alarms.close(Kind.UNREACHABLE, "")
        deliver_alarms()
    assert [json.loads(body)["type"] for _, body in receiver.got] == [
        "alarm.raised",
        "alarm.closed",
    ]
    assert [message.subject for message in mail.outbox] == [
        "[Kadai] arXiv cannot be reached",
        "[Kadai] Over: arXiv cannot be reached",
    ]


@pytest.mark.django_db
def test_an_email_says_what_is_wrong_what_to_do_and_where(mailed, settings):
    settings.DEFAULT_FROM_EMAIL = "kadai@example.org"
    alarm = alarms.raise_alarm(Kind.RECORDS_REFUSED, "", {"records": 40})
    deliver_alarms()
    [message] = mail.outbox
    assert (message.to, message.from_email) == (["ops@example.org"], "kadai@example.org")
    assert message.body == (
        "40 records of the last 24 hours could not be taken in.\n\n"
        "Look at their reasons: one reason for all of them means that a format has changed."
        "\n\nhttps://atlas.example.org/ingest/refusals/\n"
    )
    id_ = f"<alarm-{alarm.pk}-raised@atlas.example.org>"
    assert message.extra_headers["Message-ID"] == id_
    alarms.close(Kind.RECORDS_REFUSED, "")
    deliver_alarms()
    assert mail.outbox[1].extra_headers["In-Reply-To"] == id_


@pytest.mark.django_db
@pytest.mark.parametrize("status", [500, 404, 301, 307])
def test_what_is_not_received_is_sent_again_later_under_the_same_id(receiver, status):
    receiver.statuses = [status, 200]
    raise_one()
    deliver_alarms()
    message = Delivery.objects.get()
    assert (message.attempts, message.error) == (1, f"the webhook answered HTTP {status}")
    assert timedelta(seconds=50) < message.not_before - timezone.now() < timedelta(seconds=61)
    deliver_alarms()
    assert len(receiver.got) == 1  # not yet; and no redirect was followed
    is_due()
    deliver_alarms()
    message.refresh_from_db()
    assert (message.delivered_at is None, message.error, message.attempts) == (False, "", 2)
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


@pytest.mark.django_db
def test_that_it_is_over_waits_until_it_was_told_that_it_began(receiver):
    receiver.statuses = [500]
    raise_one()
    alarms.close(Kind.UNREACHABLE, "")
    deliver_alarms()
    assert len(receiver.got) == 1
    is_due()
    deliver_alarms()
    assert [json.loads(body)["type"] for _, body in receiver.got] == [
        "alarm.raised",
        "alarm.raised",
        "alarm.closed",
    ]


@pytest.mark.django_db
def test_nobody_there_breaks_nothing_and_no_secret_of_the_address_is_shown(receiver, settings):
    settings.KADAI_ALERT_WEBHOOK = "http://127.0.0.1:9/hook?token=hush"
    raise_one()
    deliver_alarms()
    assert Delivery.objects.get().error == "the webhook was not reached: ConnectionError"


@pytest.mark.django_db
def test_a_mail_server_that_is_not_there_breaks_nothing(mailed, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    raise_one()
    deliver_alarms()
    assert Delivery.objects.get().error.startswith("ConnectionRefusedError")


@pytest.mark.django_db
def test_an_attempt_that_is_cut_off_is_noted_and_made_again(mailed, settings):
    settings.EMAIL_BACKEND = "tests.there_is_no_such_module"
    raise_one()
    with pytest.raises(ImportError):
        deliver_alarms()
    message = Delivery.objects.get()
    assert message.error == "the attempt was cut off: ImportError"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    is_due()
    deliver_alarms()
    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_one_channel_does_not_wait_for_the_other(receiver, mailed):
    receiver.statuses = [500]
    raise_one()
    deliver_alarms()
    told = Delivery.objects.filter(delivered_at__isnull=False)
    assert list(told.values_list("channel", flat=True)) == ["email"]


@pytest.mark.django_db
def test_who_is_gone_is_given_up_at_once(receiver):
    receiver.statuses = [410]
    raise_one()
    deliver_alarms()
    assert Delivery.objects.get().given_up_at is not None
    is_due()
    deliver_alarms()
    assert len(receiver.got) == 1


@pytest.mark.django_db
def test_after_two_days_of_tries_it_is_given_up(receiver):
    raise_one()
    receiver.statuses = [500] * 20
    for _ in range(20):
        is_due()
        deliver_alarms()
    message = Delivery.objects.get()
    assert (message.attempts, message.given_up_at is None) == (14, False)
    waits = [delivery.wait_after(n) for n in range(1, 14)]
    assert (waits[:3], waits[-1]) == (
        [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)],
        timedelta(hours=6),
    )
    assert timedelta(days=1) < sum(waits, timedelta()) < timedelta(days=3)


@pytest.mark.django_db
def test_without_a_channel_nothing_is_lined_up(settings):
    raise_one()
    assert Delivery.objects.count() == 0
    settings.KADAI_ALERT_EMAIL = ["ops@example.org"]
    alarms.close(Kind.UNREACHABLE, "")
    assert Delivery.objects.count() == 0  # nobody was told that it began


@pytest.mark.django_db
def test_a_channel_that_was_taken_away_is_not_tried_any_more(receiver, settings):
    raise_one()
    settings.KADAI_ALERT_WEBHOOK = ""
    deliver_alarms()
    message = Delivery.objects.get()
    assert (message.given_up_at is None, message.error) == (
        False,
        "no webhook is set any more",
    )


@pytest.mark.django_db
def test_a_check_and_a_delivery_are_two_tasks(receiver):
    Pace.objects.create(stopped=True, last_error="HTTP 403")
    check_alarms()
    deliver_alarms()
    [(_, body)] = receiver.got
    assert json.loads(body)["data"]["text"] == (
        "arXiv answered that it does not want our requests. Nothing is asked any more.\n\n"
        "HTTP 403\n\n"
        "Find out why before you press “Ask again”: going on in spite of it is an attack."
    )


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_a_message_once(receiver):
    raise_one()
    start = threading.Barrier(3)

    def work():
        start.wait()
        deliver_alarms()
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(receiver.got) == 1
    assert Delivery.objects.get().attempts == 1


def test_an_error_of_a_channel_says_whether_it_is_final():
    assert str(channels.NotDelivered("gone", is_final=True)) == "gone"
    assert channels.NotDelivered("gone").is_final is False


def test_a_test_alarm_says_what_became_of_it(receiver, mailed, capsys):
    call_command("send_test_alarm")
    assert capsys.readouterr().out == "email: delivered\nwebhook: delivered\n"
    [(headers, body)] = receiver.got
    assert json.loads(body)["type"] == "alarm.test"
    assert is_signed(headers, body, SECRETS[0])
    assert mail.outbox[0].subject == "[Kadai] This is a test"


def test_a_test_alarm_that_does_not_arrive_is_an_error(receiver, capsys):
    receiver.statuses = [403]
    with pytest.raises(CommandError, match=r"Not delivered: webhook\."):
        call_command("send_test_alarm")
    assert capsys.readouterr().err == "webhook: the webhook answered HTTP 403\n"


def test_a_test_alarm_needs_a_channel():
    with pytest.raises(CommandError, match="Set KADAI_ALERT_EMAIL or KADAI_ALERT_WEBHOOK"):
        call_command("send_test_alarm")
