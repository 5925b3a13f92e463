"""A small OpenAI-compatible server on 127.0.0.1 that misbehaves as it is told to.

`faults` is a list of names, one for each request to come; an empty list: none.
"""

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ERRORS = {
    "refused": (401, "Incorrect API key provided: sec*ret"),
    "too fast": (429, "Rate limit reached"),
    "broken": (500, "The server had an error"),
    "overloaded": (503, "Overloaded"),
    "unknown model": (404, "The model does not exist"),
    "no temperature": (400, "Unsupported value: 'temperature' does not support 0"),
    "no format": (400, "response_format is not supported"),
    "newer end": (400, "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens'."),
    "too long": (400, "This model's context is 10 tokens, echoing key secret"),
}
BODIES = {
    "page": b"<html><h1>502</h1></html>",
    "nothing": b"",
    "no choices": b'{"choices": []}',
    "list": b"[1]",
    "deep": b"[" * 100_000,
}


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Clients that leave in the middle are part of the tests."""


@dataclass
class FakeModel:
    content: object = "{}"  # of every answer, a text or None
    usage: object = field(
        default_factory=lambda: {"prompt_tokens": 1000, "completion_tokens": 10}
    )
    finish: str = "stop"
    faults: list = field(default_factory=list)
    log: list = field(default_factory=list)  # of (headers, body)
    pause: float = 0.0
    retry_after: str = "7200"
    at_once: int = 0
    most_at_once: int = 0
    gate: threading.Lock = field(default_factory=threading.Lock)

    def __enter__(self):
        handler = type("Bound", (Handler,), {"fake": self})
        self.server = Server(("127.0.0.1", 0), handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/v1"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def says(self, chances):
        self.content = json.dumps(chances)

    @property
    def asked(self):
        """The last request's body."""
        return self.log[-1][1]

    @property
    def choices(self):
        """Number of a choice by its label, as the last request numbered them."""
        lines = self.asked["messages"][0]["content"].split("Concepts:\n")[1].splitlines()
        return {line.split(". ")[1].split(":")[0]: line.split(".")[0] for line in lines}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        """Nothing on the test's output."""

    def do_POST(self):
        fake = self.fake
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with fake.gate:
            fake.log.append((dict(self.headers), body))
            fault = fake.faults.pop(0) if fake.faults else None
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
        time.sleep(fake.pause)
        try:
            self.answer(fault)
        finally:
            with fake.gate:
                fake.at_once -= 1

    def answer(self, fault):
        fake = self.fake
        if fault in ERRORS:
            status, message = ERRORS[fault]
            self.send(status, json.dumps({"error": {"message": message}}).encode())
        elif fault in BODIES:
            self.send(200, BODIES[fault])
        elif fault == "dropped":
            self.send(200, b'{"choices": [', length=1000)
            self.close_connection = True
        elif fault == "endless":
            self.send(200, b" " * 1_500_000)
        elif fault == "dribble":
            self.send(200, b"", length=1000)
            for _ in range(100):
                self.wfile.write(b" ")
                time.sleep(0.05)
        elif fault == "elsewhere":
            self.send(302, b"", Location="http://127.0.0.1:1/v1/chat/completions")
        else:
            choice = {"message": {"content": fake.content}, "finish_reason": fake.finish}
            said = {"choices": [choice]}
            if fake.usage is not None:
                said["usage"] = fake.usage
            self.send(200, json.dumps(said).encode())

    def send(self, status, body, length=None, **headers):
        self.send_response(status)
        if status in {429, 503}:
            headers["Retry-After"] = self.fake.retry_after
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)
