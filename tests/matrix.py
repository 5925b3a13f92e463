"""The permission matrix: read from docs/permissions.md, and found by asking every address."""

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from uuid import uuid4

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, get_resolver

from ingest.models import (
    Alarm,
    Audit,
    ConceptCandidate,
    Listing,
    Pace,
    SuggesterModel,
)
from taxonomy import curation, desks, models, people
from taxonomy.curation import Actor
from tests.factories import (
    ConceptFactory,
    DomainFactory,
    HarvestFactory,
    PaperFactory,
    QueryFactory,
    RefusalFactory,
    UserFactory,
)

DOCS = Path(__file__).resolve().parent.parent / "docs" / "permissions.md"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
YES, NO, SIGN_IN = "yes", "no", "sign in"


@dataclass
class Line:
    """One row of a table: for these addresses and methods, what each column hears."""

    address: str
    methods: tuple[str, ...]
    answers: dict[str, str]
    used: bool = False

    def fits(self, address: str, method: str) -> bool:
        return method in self.methods and fnmatchcase(address, self.address)


def documented() -> list[Line]:
    """Every row of every table that begins with an address."""
    lines, columns = [], []
    for row in DOCS.read_text().splitlines():
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        if cells[0] == "address":
            columns = cells[2:]
        elif row.startswith("| `"):
            address = cells[0].strip("`").removeprefix("/")
            answers = dict(zip(columns, cells[2:], strict=True))
            lines.append(Line(address, tuple(cells[1].split(", ")), answers))
    return lines


def addresses() -> list[str]:
    """Every pattern of the site, as the tables write it: papers/<arxiv_id>/."""
    return list(dict.fromkeys(_walk(get_resolver(), "")))


def _walk(resolver, before):
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield re.sub(r"<\w+:(\w+)>", r"<\1>", route)
        else:
            yield from _walk(one, route)


class World:
    """One row of everything that an address may name."""

    def __init__(self):
        self.people = {
            str(role): people.give_role(
                # With a way to show once more that it is them: some pages ask for it.
                UserFactory(username=f"a-{role}", password=make_password("some")),
                role,
            )
            for role in people.Role
        }
        admin = self.people["admin"]
        concept, domain = ConceptFactory(slug="some"), DomainFactory(slug="some-domain")
        paper, query = PaperFactory(arxiv_id="2501.00001"), QueryFactory(slug="some")
        run = HarvestFactory(query=query)
        decision = curation.decide(
            paper=paper, concept=concept, verdict="accept", actor=Actor.person(admin)
        )
        people.invite(admin, people.Role.READER)
        people.issue_token(admin, "script")
        audit = {"spec": "cs:cs:CL", "first": "2506.00001", "last": "2506.99999"}
        rows = {
            "taxonomy/concept": concept,
            "taxonomy/collection": models.Collection.objects.create(slug="some"),
            "taxonomy/link": models.Link.objects.create(challenge=concept, domain=domain),
            "taxonomy/edition": models.Edition.objects.create(
                number=1, released_on="2026-01-01"
            ),
            "taxonomy/conceptchange": models.ConceptChange.objects.create(
                concept=concept, actor="x", after={}, vocabulary_version=1
            ),
            "auth/group": Group.objects.get(name="reader"),
            "taxonomy/user": self.people["reader"],
            "taxonomy/apitoken": models.ApiToken.objects.get(),
            "taxonomy/paper": paper,
            "taxonomy/decision": decision,
            "taxonomy/tag": models.Tag.objects.get(),
            "ingest/query": query,
            "ingest/harvest": run,
            "ingest/refusal": RefusalFactory(harvest=run),
            "ingest/alarm": Alarm.objects.create(kind="unreachable"),
            "ingest/pace": Pace.objects.get_or_create(pk=1)[0],
            "ingest/audit": Audit.objects.create(**audit, trigger="command"),
            "ingest/listing": Listing.objects.create(day="2026-01-01"),
        }
        batch = models.Batch.objects.create(
            kind="accept", selection={}, made_by=admin, key="x", expected=0, upto=0
        )
        self.rows = {f"admin/{name}/": row.pk for name, row in rows.items()}
        self.pks = {
            "ingest/runs/": run.pk,
            "ingest/refusals/": rows["ingest/refusal"].pk,
            "ingest/alarms/": rows["ingest/alarm"].pk,
            "ingest/audits/": rows["ingest/audit"].pk,
            "insights/candidates/": ConceptCandidate.objects.create(
                phrase="some", position=1, papers=1, recent=1, growth=1
            ).pk,
            "review/queues/": desks.save_view(curator=admin, name="some", query="").pk,
            "readings/": models.SecondReading.objects.create(paper=paper, text_revision=1).pk,
            "people/invitations/": models.Invitation.objects.get().pk,
            "people/": self.people["reader"].pk,
            "account/tokens/": rows["taxonomy/apitoken"].pk,
            "account/passkeys/": 1,
            "comments/": models.Comment.objects.create(
                author=admin, paper=paper, text="Some words.", key=uuid4()
            ).pk,
            "following/": 1,
            "inbox/": 1,
            "api/v1/following/": 1,
            "api/v1/inbox/": 1,
            "api/v1/comments/": models.Comment.objects.get().pk,
            "api/v1/runs/": run.pk,
            "trail/batches/": batch.pk,
            "api/v1/batches/": batch.pk,
        }
        SuggesterModel.objects.create(
            number=1, file="x", examples=1, last_decision=0, vocabulary_number=1
        )
        self.named = {
            "arxiv_id": "2501.00001",
            "name": "some",
            "number": 1,
            "provider_id": "nobody",
            "public_id": "0123",
            "secret": "unknown",
            "token": "unknown",
            "id": self.people["reader"].pk,
            "content_type_id": 1,
        }

    def path(self, address):
        """The address with what stands in this world in its gaps."""
        address = address.replace(r"^(?P<app_label>", "<app_label:").replace(r")/$", ">/")
        if address.startswith("admin/(?P<url>"):
            return "/admin/nothing/there/"
        address = re.sub(r"<app_label:(\w+)[^>]*>", r"\1", address)
        before = address.partition("<")[0]
        values = {
            **self.named,
            "slug": "some-domain" if "domains/" in before else "some",
            "pk": self.pks.get(before),
            "object_id": self.rows.get(before, 1),
        }
        return "/" + re.sub(r"<(\w+)>", lambda gap: str(values[gap[1]]), address)


def sessions_of(world):
    """Anonymous, and one person of each role."""
    return {"anonymous": Visitor()} | {
        role: Visitor(user) for role, user in world.people.items()
    }


def tokens_of(world):
    """A curator's token of each scope, and one of the widest scope that a reader has."""
    curator, reader = world.people["curator"], world.people["reader"]
    return {
        f"{scope} token": Visitor(token=people.issue_token(curator, "x", scope))
        for scope in models.ApiToken.Scope
    } | {"reader's token": Visitor(token=people.issue_token(reader, "x", "admin"))}


class Visitor:
    """Somebody who asks, and leaves the world as it was."""

    def __init__(self, user=None, token=None):
        self.client = Client()
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if user:
            self.client.force_login(user)

    def ask(self, path, method):
        """What they hear: yes, no, sign in, or the status that no table should hold."""
        before = {name: morsel.value for name, morsel in self.client.cookies.items()}
        savepoint = transaction.savepoint()
        try:
            response = self.client.generic(method, path, headers=self.headers)
            if response.streaming:
                list(response)
        finally:
            transaction.savepoint_rollback(savepoint)
        self.client.cookies.clear()
        for name, value in before.items():
            self.client.cookies[name] = value
        return self._heard(response)

    def _heard(self, response):
        status = response.status_code
        if status in {401, 403}:
            return NO
        to = response.get("Location", "") or response.get("HX-Redirect", "")
        if to.startswith(("/login/?next=", "/admin/login/")):
            return SIGN_IN
        return str(status) if status == 405 or status >= 500 else YES


def disagreements(world, part, visitors, methods=METHODS):
    """What the addresses of a part say otherwise than the docs, and lines that fit none.

    Which methods there are, the admin finds out: who may do all is never refused before.
    """
    found, lines = [], [line for line in documented() if part(line.address)]
    for address in filter(part, addresses()):
        for method in methods:
            heard = visitors["admin"].ask(world.path(address), method)
            line = next((one for one in lines if one.fits(address, method)), None)
            if heard == "405":
                if line and "*" not in line.address:
                    found.append(f"{method} {address}: there is no such method")
                continue
            if line is None:
                found.append(f"{method} {address}: no line in {DOCS.name}")
                continue
            line.used = True
            all_heard = {"admin": heard} | {
                who: visitor.ask(world.path(address), method)
                for who, visitor in visitors.items()
                if who != "admin"
            }
            found += [
                f"{method} {address}: {who} hears {all_heard[who]}, not {said}"
                for who, said in line.answers.items()
                if all_heard[who] != said
            ]
    found += [f"{line.address}: no such address" for line in lines if not line.used]
    return found
