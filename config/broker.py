"""Celery's messages in the own PostgreSQL, by Kombu's PGMQ transport, mended in one place."""

from typing import Any

import psycopg
from kombu.transport import pgmq


class Channel(pgmq.Channel):
    """One that was closed with its connection says so in the way that is tried again.

    Kombu's own raises AttributeError then, which nobody expects: a message that was to be
    sent while the database's server started anew would be lost, and its sender fail.
    """

    @property
    def pgmq(self) -> Any:
        self._require_open()
        return super().pgmq

    @property
    def transport_options(self) -> Any:
        self._require_open()
        return super().transport_options

    def _require_open(self) -> None:
        if self.connection is None:
            raise psycopg.InterfaceError("the channel was closed with its connection")


class Transport(pgmq.Transport):
    """For `broker_transport_options` see config/celery.py."""

    Channel = Channel
