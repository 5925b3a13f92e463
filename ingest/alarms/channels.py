"""How a message about an alarm leaves: as an e-mail, or signed to an address of the operator's.

The webhook follows Standard Webhooks. Its address stands in the settings, so it may well be
one of the own network; no redirect is followed, and of the answer only the status is read.
"""

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from ingest.alarms import words
from ingest.models import Delivery
from taxonomy import people

TIMEOUT = (5.0, 10.0)  # seconds to connect, and between two parts of the answer's head
GONE = 410  # the other side wants no more of this

Channel = Delivery.Channel
Event = Delivery.Event


class NotDelivered(Exception):
    """The other side did not take it; `is_final`: nor will it."""

    def __init__(self, message: str, is_final: bool = False) -> None:
        super().__init__(message, is_final)
        self.is_final = is_final

    def __str__(self) -> str:
        return str(self.args[0])


@dataclass(frozen=True)
class Message:
    """`id` is the same for every attempt and every channel."""

    id: str
    type: str
    at: str  # when it happened
    title: str
    text: str
    url: str
    data: dict[str, object] = field(default_factory=dict)
    answers: str = ""  # the id of the message that it follows


def configured() -> list[str]:
    """The channels that the settings name."""
    wanted = (
        (Channel.EMAIL, settings.KADAI_ALERT_EMAIL),
        (Channel.WEBHOOK, settings.KADAI_ALERT_WEBHOOK),
    )
    return [channel for channel, where in wanted if where]


def message_of(delivery: Delivery) -> Message:
    """What is said. Reads delivery.alarm, its query and its run."""
    alarm, closed = delivery.alarm, delivery.event == Event.CLOSED
    with translation.override(settings.LANGUAGE_CODE):
        said = words.of(alarm)
        title = _("Over: %(title)s") % {"title": said.title} if closed else said.title
        parts = [said.text] if closed else [said.text, said.detail, said.advice]
        url = site_url() + said.path
    at = (alarm.closed_at if closed else alarm.raised_at) or alarm.raised_at
    return Message(
        id=f"alarm-{alarm.pk}-{delivery.event}",
        type=f"alarm.{delivery.event}",
        at=at.isoformat(),
        title=title,
        text="\n\n".join(filter(None, parts)),
        url=url,
        data={
            "alarm": alarm.pk,
            "kind": alarm.kind,
            "query": alarm.query.slug if alarm.query else None,
            "run": alarm.harvest_id,
            "facts": alarm.facts,
        },
        answers=f"alarm-{alarm.pk}-{Event.RAISED}" if closed else "",
    )


def send(message: Message, channel: str) -> None:
    """Send it now. Raises NotDelivered, whatever the reason."""
    if channel not in configured():
        raise NotDelivered(f"no {channel} is set any more", is_final=True)
    if channel == Channel.EMAIL:
        _send_email(message)
    else:
        _send_webhook(message)


def site_url() -> str:
    """The address that people use, where the settings say it; else this machine's."""
    return people.public_url()


def _send_email(message: Message) -> None:
    host = urlsplit(site_url()).hostname
    headers = {"Message-ID": f"<{message.id}@{host}>", "Auto-Submitted": "auto-generated"}
    if message.answers:
        headers["In-Reply-To"] = headers["References"] = f"<{message.answers}@{host}>"
    mail = EmailMessage(
        subject=" ".join(f"[Kadai] {message.title}".split())[:200],
        body=f"{message.text}\n\n{message.url}\n",
        to=settings.KADAI_ALERT_EMAIL,
        headers=headers,
    )
    try:
        mail.send()
    except (OSError, ValueError) as error:
        raise NotDelivered(f"{type(error).__name__}: {error}") from error


def _send_webhook(message: Message) -> None:
    data = {"title": message.title, "text": message.text, "url": message.url, **message.data}
    body = json.dumps({"type": message.type, "timestamp": message.at, "data": data}).encode()
    sent_at = int(time.time())
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Kadai/1",
        "webhook-id": message.id,
        "webhook-timestamp": str(sent_at),
        "webhook-signature": sign(message.id, sent_at, body, settings.KADAI_ALERT_SECRETS),
    }
    url = settings.KADAI_ALERT_WEBHOOK
    try:
        with requests.Session() as session:
            session.trust_env = urlsplit(url).hostname not in {"127.0.0.1", "localhost", "::1"}
            answer = session.post(
                url,
                data=body,
                headers=headers,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            )
            status = answer.status_code
            answer.close()
    except (requests.RequestException, OSError, ValueError) as error:
        # Its own words would repeat the address, in which there may be a secret.
        raise NotDelivered(f"the webhook was not reached: {type(error).__name__}") from error
    if not 200 <= status < 300:
        raise NotDelivered(f"the webhook answered HTTP {status}", is_final=status == GONE)


def sign(id_: str, sent_at: int, body: bytes, secrets: list[bytes]) -> str:
    """`webhook-signature`: one for each secret, so that secrets can be changed in turn."""
    signed = f"{id_}.{sent_at}.".encode() + body
    digests = [hmac.new(secret, signed, hashlib.sha256).digest() for secret in secrets]
    return " ".join(f"v1,{base64.b64encode(digest).decode()}" for digest in digests)
