"""One request to an OpenAI-compatible server, guarded, and what can become of it. Plain Python.

As arXiv is asked, so is it: an end in time, no answer without end, no redirect, typed errors.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import requests

from ingest import fetching
from ingest.deadline import Deadline
from ingest.hardened_xml import legal_text

TIMEOUT: Final = (10.0, 60.0)  # seconds to connect, and between two parts of an answer
LONGEST_REQUEST: Final = 90.0  # seconds in all
LONGEST_ANSWER: Final = 1_000_000  # bytes
MILLION: Final = Decimal(1_000_000)

# What not every server knows. One that refuses it by name is asked again without it.
NICE_TO_HAVE: Final[Mapping[str, Any]] = {
    "temperature": 0,
    "response_format": {"type": "json_object"},
}
# An end to the answer there must always be: the costs are reserved for so much.
END: Final = "max_tokens"
NEWER_END: Final = "max_completion_tokens"


class NoAnswer(Exception):
    """Nothing came that could be read.

    `retry_after`: seconds, where the server said so. `may_cost`: the request may have been
    worked on, and be charged. `refused`: asking again will not help until a person acts.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        may_cost: bool = False,
        refused: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.may_cost = may_cost
        self.refused = refused


@dataclass(frozen=True)
class Endpoint:
    """Where a language model is asked, and what it costs per million tokens."""

    url: str
    model: str
    key: str = ""
    price_in: Decimal = Decimal(0)
    price_out: Decimal = Decimal(0)
    most_tokens: int = 1000  # of an answer

    def cost(self, tokens_in: int, tokens_out: int) -> Decimal:
        return (tokens_in * self.price_in + tokens_out * self.price_out) / MILLION


@dataclass(frozen=True)
class Reply:
    """What a model said, and what the server counted; None: it did not say."""

    content: str
    tokens_in: int | None
    tokens_out: int | None
    is_cut: bool  # it had no room to end


def ask(endpoint: Endpoint, messages: Sequence[Mapping[str, str]]) -> Reply:
    """One answer. A server that does not know an option is asked again without it. NoAnswer."""
    options = {**NICE_TO_HAVE, END: endpoint.most_tokens}
    with Deadline(LONGEST_REQUEST) as deadline, requests.Session() as session:
        fetching.aim(session, endpoint.url)
        session.auth = _Bearer(endpoint.key)  # else one of a .netrc file would be sent
        try:
            while True:
                status, headers, body = _post(session, endpoint, messages, options)
                if status != 400 or not _give_way(options, _words(body)):
                    break
        except NoAnswer as error:
            if not deadline.is_over:
                raise
            raise _too_slow() from error
    if deadline.is_over:
        raise _too_slow()
    if status != 200:
        raise _refusal(endpoint, status, headers, body)
    return _read(body)


class _Bearer(requests.auth.AuthBase):
    def __init__(self, key: str) -> None:
        self.key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self.key:
            request.headers["Authorization"] = f"Bearer {self.key}"
        return request


def _post(
    session: requests.Session,
    endpoint: Endpoint,
    messages: Sequence[Mapping[str, str]],
    options: Mapping[str, Any],
) -> tuple[int, Mapping[str, str], bytes]:
    asked = {"model": endpoint.model, "messages": list(messages), **options}
    try:
        with session.post(
            f"{endpoint.url}/chat/completions",
            json=asked,
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            parts, size = [], 0
            for part in answer.iter_content(65_536):
                parts.append(part)
                size += len(part)
                if size > LONGEST_ANSWER:
                    raise NoAnswer("The server's answer has no end.", may_cost=True)
            return answer.status_code, answer.headers, b"".join(parts)
    except requests.ConnectTimeout:
        raise NoAnswer("The server cannot be reached.") from None
    except requests.Timeout:
        raise NoAnswer("The server did not answer in time.", may_cost=True) from None
    except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError) as error:
        never_sent = "NewConnectionError" in repr(error) or "NameResolution" in repr(error)
        text = "The server cannot be reached." if never_sent else "The connection was lost."
        raise NoAnswer(text, may_cost=not never_sent) from None
    except requests.RequestException as error:
        text = f"The answer cannot be read: {type(error).__name__}."
        raise NoAnswer(text, may_cost=True) from None


def _refusal(
    endpoint: Endpoint, status: int, headers: Mapping[str, str], body: bytes
) -> NoAnswer:
    """What a status other than 200 means."""
    if status in {401, 403}:  # its words may hold a part of the key
        return NoAnswer(f"The server refused the key (HTTP {status}).", refused=True)
    said = f"The server answered HTTP {status}"
    words = _words(body)
    if endpoint.key:
        words = words.replace(endpoint.key, "…")
    return NoAnswer(
        f"{said}: {words}" if words else f"{said}.",
        retry_after=fetching.retry_after_seconds(headers.get("Retry-After")),
        refused=status == 404 or 300 <= status < 400,
    )


def _give_way(options: dict[str, Any], words: str) -> bool:
    """Without the option that an error speaks of; whether there was one."""
    unknown = next((name for name in (*NICE_TO_HAVE, END) if name in words), "")
    value = options.pop(unknown, None)
    if unknown == END and value is not None:
        options[NEWER_END] = value
    return value is not None


def _words(body: bytes) -> str:
    """The message of an error, in whichever of the usual places; a line at most."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error", found) if isinstance(found, dict) else ""
    message = error.get("message") if isinstance(error, dict) else error
    if not isinstance(message, str):
        return ""
    return " ".join(legal_text(message.encode("utf-8", "replace")).split())[:300]


def _read(body: bytes) -> Reply:
    try:
        found = json.loads(body)
        choice = found["choices"][0]
        content = choice["message"]["content"]
    except (ValueError, RecursionError, LookupError, TypeError):
        text = "The server's answer is not in the form agreed on."
        raise NoAnswer(text, may_cost=True) from None
    usage = found.get("usage")
    counted = usage if isinstance(usage, dict) else {}
    return Reply(
        content if isinstance(content, str) else "",
        _count(counted.get("prompt_tokens")),
        _count(counted.get("completion_tokens")),
        choice.get("finish_reason") == "length",
    )


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 <= value < 100_000_000 else None


def _too_slow() -> NoAnswer:
    return NoAnswer(f"The answer took longer than {LONGEST_REQUEST:g} s.", may_cost=True)
