"""A place where alarms are told: a receiver on 127.0.0.1 that checks what it gets."""

import base64
import hashlib
import hmac
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ingest.models import Query

SECRETS = [b"a secret of thirty-two letters..", b"another secret, of the next year"]


@dataclass
class Receiver:
    """Answers with `statuses` one after the other, then with 204."""

    statuses: list = field(default_factory=list)
    got: list = field(default_factory=list)

    def __enter__(self):
        handler = type("Bound", (Handler,), {"receiver": self})
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?token=hush"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.got.append((dict(self.headers), body))
        status = self.receiver.statuses.pop(0) if self.receiver.statuses else 204
        self.send_response(status)
        if status in {301, 307}:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()


def is_signed(headers, body, secret):
    """As the specification tells a receiver to check it."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    return f"v1,{digest}" in headers["webhook-signature"].split(" ")


@pytest.fixture(autouse=True)
def _nobody_is_told(settings):
    """Whatever the environment of the tests says."""
    settings.KADAI_ALERT_EMAIL, settings.KADAI_ALERT_WEBHOOK = [], ""


@pytest.fixture
def receiver(settings):
    settings.KADAI_ALERT_SECRETS = SECRETS
    with Receiver() as server:
        settings.KADAI_ALERT_WEBHOOK = server.url
        yield server


@pytest.fixture
def mailed(settings):
    settings.KADAI_ALERT_EMAIL = ["ops@example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://atlas.example.org"]


@pytest.fixture
def only_query(query):
    """The queries that come with Kadai are out of the way."""
    Query.objects.exclude(pk=query.pk).delete()
    return query
