"""Label Studio and doccano as they start by default, with papers to be labelled over HTTP.

Each is a context manager that gives its clients. A client has one verb: `label` says that three
labels fit the paper it has, and ends when the next one is there. In Label Studio each client
is an account of its own; doccano hands out nothing, so its clients go through stretches of
their own, under one account.
"""

import contextlib
import json
import os
import secrets
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import requests

from bench.replay import free_port
from bench.rivals.environments import RivalMissing

LABELS = ("Hallucination", "Misaligned behavior", "Brittle evaluations")
PASSWORD = secrets.token_urlsafe(12)
START_SECONDS = 600
CHUNK = 5_000  # papers an upload
OURS = ("DJANGO_", "KADAI_", "DATABASE_", "CELERY_", "PYTHON")
FORM = (
    '<View><Text name="text" value="$text"/>'
    '<Choices name="labels" toName="text" choice="multiple">'
    + "".join(f'<Choice value="{label}"/>' for label in LABELS)
    + "</Choices></View>"
)


class Client(Protocol):
    def label(self) -> None: ...


class LabelStudioClient:
    """One account, with the paper that it was given."""

    def __init__(self, url: str, project: int, session: requests.Session) -> None:
        self.url, self.project, self.session = url, project, session
        self.task = self.next()

    def next(self) -> int:
        return int(
            _json(self.session.get(f"{self.url}/api/projects/{self.project}/next"))["id"]
        )

    def label(self) -> None:
        value = {"choices": list(LABELS)}
        result = [{"from_name": "labels", "to_name": "text", "type": "choices", "value": value}]
        _json(
            self.session.post(
                f"{self.url}/api/tasks/{self.task}/annotations/?project={self.project}",
                json={"result": result, "lead_time": 1},
            )
        )
        self.task = self.next()


class DoccanoClient:
    """One stretch of the papers, with the one that is read."""

    def __init__(
        self, url: str, labels: Sequence[int], session: requests.Session, start: int
    ) -> None:
        self.url, self.labels, self.session, self.at = url, labels, session, start
        self.example = self.next()

    def next(self) -> int:
        """What its page asks for: the paper, and what was said of it before."""
        where = {"limit": 1, "offset": self.at, "q": "", "confirmed": ""}
        found = _json(self.session.get(f"{self.url}/examples", params=where))["results"][0]
        _json(self.session.get(f"{self.url}/examples/{found['id']}/categories"))
        self.at += 1
        return int(found["id"])

    def label(self) -> None:
        paper = f"{self.url}/examples/{self.example}"
        for label in self.labels:  # one request for each, as its page does
            _json(self.session.post(f"{paper}/categories", json={"label": label}))
        _json(self.session.post(f"{paper}/states", json={}))
        self.example = self.next()


@contextlib.contextmanager
def label_studio(
    python: Path, folder: Path, texts: Sequence[str], clients: int
) -> Iterator[list[Client]]:
    """Raises RivalMissing where it does not start."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        *(str(python.with_name("label-studio")), "start", "--no-browser", "--port", str(port)),
        *("--data-dir", str(folder), "--username", _name(0), "--password", PASSWORD),
    ]
    quiet = {"COLLECT_ANALYTICS": "false", "LATEST_VERSION_CHECK": "false"}
    with _running([command], folder, quiet, f"{url}/health"):
        owner = _at_label_studio(url, "login", 0)
        body = {"title": "Papers", "label_config": FORM}
        project = int(_json(owner.post(f"{url}/api/projects/", json=body))["id"])
        for part in _chunks([{"text": text} for text in texts]):
            _json(owner.post(f"{url}/api/projects/{project}/import", json=part))
        sessions = [
            owner, *(_at_label_studio(url, "signup", number) for number in range(1, clients))
        ]  # fmt: skip
        yield [LabelStudioClient(url, project, session) for session in sessions]


@contextlib.contextmanager
def doccano(
    python: Path, folder: Path, texts: Sequence[str], clients: int
) -> Iterator[list[Client]]:
    """Raises RivalMissing where it does not start."""
    port, program = free_port(), str(python.with_name("doccano"))
    url = f"http://127.0.0.1:{port}"
    home = {"DOCCANO_HOME": str(folder / "doccano")}
    account = ["--username", "curator0", "--password", PASSWORD, "--email", _name(0)]
    for call in (["init"], ["createuser", *account]):
        _call([program, *call], folder, home)
    commands = [[program, "webserver", "--port", str(port)], [program, "task"]]
    with _running(commands, folder, home, f"{url}/v1/health/"):
        owner = _at_doccano(url)
        kind = {"project_type": "DocumentClassification", "name": "Papers", "description": "-"}
        body = {**kind, "guideline": "", "resourcetype": "TextClassificationProject"}
        here = f"{url}/v1/projects/{_json(owner.post(f'{url}/v1/projects', json=body))['id']}"
        colours = {"background_color": "#209CEE", "text_color": "#ffffff"}
        labels = [
            _json(owner.post(f"{here}/category-types", json={"text": label, **colours}))["id"]
            for label in LABELS
        ]
        for part in _chunks(texts):
            _upload(owner, url, here, part)
        stretch = len(texts) // clients
        yield [
            DoccanoClient(here, labels, _at_doccano(url), number * stretch)
            for number in range(clients)
        ]


def _at_label_studio(url: str, page: str, number: int) -> requests.Session:
    session = _session()
    session.get(f"{url}/user/{page}/").raise_for_status()
    form = {"csrfmiddlewaretoken": session.cookies["csrftoken"], "email": _name(number)}
    answer = session.post(
        f"{url}/user/{page}/",
        data={**form, "password": PASSWORD, "allow_newsletters": "false"},
        headers={"Referer": url},
        allow_redirects=False,
    )
    if answer.status_code != requests.codes.found:
        raise RivalMissing(f"Label Studio refuses to {page}: {answer.status_code}")
    session.headers.update({"X-CSRFToken": session.cookies["csrftoken"], "Referer": url})
    return session


def _at_doccano(url: str) -> requests.Session:
    session = _session()
    _json(
        session.post(
            f"{url}/v1/auth/login/", json={"username": "curator0", "password": PASSWORD}
        )
    )
    session.headers.update({"X-CSRFToken": session.cookies["csrftoken"], "Referer": url})
    return session


def _upload(owner: requests.Session, url: str, project: str, texts: Sequence[str]) -> None:
    lines = "".join(json.dumps({"text": text, "label": []}) + "\n" for text in texts)
    sent = owner.post(f"{url}/v1/fp/process/", files={"filepond": ("papers.jsonl", lines)})
    sent.raise_for_status()
    body = {
        "format": "JSONL", "task": "DocumentClassification", "uploadIds": [sent.text],
        "column_data": "text", "column_label": "label",
    }  # fmt: skip
    task = _json(owner.post(f"{project}/upload", json=body))["task_id"]
    _until(lambda: bool(_json(owner.get(f"{url}/v1/tasks/status/{task}"))["ready"]))


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False  # a proxy must not be asked for our own address
    return session


def _json(answer: requests.Response) -> Any:
    answer.raise_for_status()
    return answer.json()


def _chunks(papers: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(papers), CHUNK):
        yield papers[at : at + CHUNK]


def _name(number: int) -> str:
    return f"curator{number}@example.org"


def _call(command: list[str], folder: Path, more: dict[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=_around(folder, more), check=True,
                   capture_output=True, timeout=START_SECONDS)  # fmt: skip


def _around(folder: Path, more: dict[str, str]) -> dict[str, str]:
    """Whatever they keep for a person belongs to the folder, and Kadai's settings are ours."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**ours, "HOME": str(folder), "XDG_DATA_HOME": str(folder), **more}


@contextlib.contextmanager
def _running(
    commands: list[list[str]], folder: Path, more: dict[str, str], health: str
) -> Iterator[None]:
    """Until the block ends; then they and what they started are ended."""
    with (folder / "log").open("w") as log:
        started = [
            subprocess.Popen(
                command, cwd=folder, env=_around(folder, more), stdout=log, stderr=log,
                start_new_session=True,
            )
            for command in commands
        ]  # fmt: skip
        try:
            _until(lambda: _answers(health), started)
            yield
        finally:
            for process in started:
                _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """It and what it started; one that does not listen is not asked twice."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return


def _answers(health: str) -> bool:
    with contextlib.suppress(requests.RequestException):
        return _session().get(health, timeout=10).ok
    return False


def _until(ready: Any, running: Sequence["subprocess.Popen[bytes]"] = ()) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not ready():
        if any(process.poll() for process in running):
            raise RivalMissing("it ended while it started")
        if time.monotonic() > deadline:
            raise RivalMissing("it was not ready in time")
        time.sleep(1)
