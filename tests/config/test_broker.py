"""Messages survive what happens to the database that carries them."""

import pytest
from celery.signals import worker_ready
from django.db import connection
from kombu import Connection, Queue
from psycopg.conninfo import make_conninfo

from config.celery import app, broker_options


@pytest.fixture
def broker(transactional_db):
    """A queue in the database of the tests."""
    at = connection.settings_dict
    dsn = make_conninfo(host=at["HOST"], dbname=at["NAME"], user=at["USER"])
    options = broker_options()["broker_transport_options"] | {"conn_string": dsn}
    with Connection("pgmq://", transport_options=options) as found:
        yield found


def test_a_message_is_sent_by_who_had_its_connection_closed(broker):
    queue = Queue("mended", routing_key="mended", channel=broker.channel())
    queue.declare()
    producer = broker.Producer()
    producer.publish({"number": 1}, routing_key="mended", retry=True)
    producer.channel.close()  # as when the server was lost in the middle
    producer.publish({"number": 2}, routing_key="mended", retry=True)
    bound = queue.bind(broker.channel())
    assert [bound.get(no_ack=True).payload["number"] for _ in range(2)] == [1, 2]
    bound.delete()


def test_a_closed_channel_is_an_error_of_its_connection(broker):
    channel = broker.channel()
    channel.close()
    with pytest.raises(broker.recoverable_connection_errors):
        channel._size("mended")


def test_a_worker_that_starts_looks_for_work_at_once(monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", sent.append)
    worker_ready.send(sender=None)
    assert sent == ["ingest.tasks.pull_due", "ingest.suggest.tasks.suggest_waiting"]
