"""The trail, batches and many decisions, by program."""

import csv
import io
import json
from hashlib import sha256

import pytest
from django.contrib.auth.models import Permission

from taxonomy import batches, curation, sealing
from taxonomy.curation import Actor
from taxonomy.models import Batch, Decision, Tag
from tests.factories import (
    ConceptFactory,
    CuratorFactory,
    PaperFactory,
    SuggestionFactory,
)
from tests.taxonomy.api.conftest import API


@pytest.fixture
def latency(db):
    return ConceptFactory(slug="latency")


@pytest.fixture
def editor(db):
    user = CuratorFactory(username="editor")
    user.user_permissions.add(Permission.objects.get(codename="revert_decision"))
    return user


def send(client, path, headers, key=None, **body):
    if key:
        headers = {**headers, "idempotency-key": key}
    return client.post(
        f"{API}{path}", json.dumps(body), content_type="application/json", headers=headers
    )


def decide(user, concept, paper=None, verdict="accept", **values):
    return curation.decide(
        paper=paper or PaperFactory(),
        concept=concept,
        verdict=verdict,
        actor=Actor.person(user),
        **values,
    )


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_trail_costs_the_same_at_any_length(
    client, curator, latency, django_assert_num_queries, item_count
):
    for _ in range(item_count):
        decide(curator, latency)
    with django_assert_num_queries(4):  # the vocabulary's number, page, steps, seals
        found = client.get(f"{API}decisions/").json()["results"]
    assert len(found) == item_count


def test_the_trail_says_what_each_decision_changed(client, curator, latency):
    paper = PaperFactory()
    first = decide(curator, latency, paper)
    second = decide(curator, latency, paper, "reject")
    newest, oldest = client.get(f"{API}decisions/?concept=latency").json()["results"]
    assert (oldest["id"], oldest["before"], oldest["after"]) == (first.pk, None, "accept")
    assert (newest["id"], newest["before"], newest["after"]) == (second.pk, "accept", "reject")
    assert (newest["paper"], newest["seal"]) == (paper.arxiv_id, None)


def test_a_hidden_name_is_neither_shown_nor_found(client, curator, latency, bearer):
    curator.shows_name = False
    curator.save()
    decide(curator, latency)
    (shown,) = client.get(f"{API}decisions/").json()["results"]
    assert shown["actor"] == f"curator {curator.pk}"
    assert client.get(f"{API}decisions/?person=curator").json()["results"] == []
    found = client.get(f"{API}decisions/?person=curator", headers=bearer("read"))
    assert len(found.json()["results"]) == 1


@pytest.mark.django_db(transaction=True)
def test_who_has_the_export_can_compute_the_head(client):
    user, concept = CuratorFactory(), ConceptFactory()
    for note in ("", "=1+1", "課題"):
        decide(user, concept, note=note, idempotency_key=f"key {note}")
    sealing.seal()
    response = client.get(f"{API}export/decisions/?format=ndjson")
    digest = bytes(32)
    for line in response.getvalue().decode().splitlines():
        record = json.loads(line)
        record.pop("name")
        seal = record.pop("seal")
        text = json.dumps(record, ensure_ascii=False, separators=(",", ":"))
        digest = sha256(digest + sha256(text.encode()).digest()).digest()
        assert seal == digest.hex()
    head = client.get(f"{API}trail/head/").json()
    assert head["digest"] == digest.hex()
    assert head["head"] == f"{head['decision']}:{head['digest']}"


def test_the_trail_of_a_paper_is_a_table(client, curator, latency):
    paper = PaperFactory()
    decide(curator, latency, paper, note="=1+1")
    decide(curator, latency)
    response = client.get(f"{API}export/decisions/?format=csv&paper={paper.arxiv_id}v3")
    (row,) = csv.DictReader(io.StringIO(response.getvalue().decode()))
    assert (row["paper"], row["name"], row["note"]) == (paper.arxiv_id, "curator", "'=1+1")


def test_a_concept_that_does_not_exist_is_an_error(client, db):
    assert client.get(f"{API}decisions/?concept=nowhere").status_code == 400
    assert client.get(f"{API}export/decisions/?whose=mine").status_code == 400


def test_each_item_has_a_result_of_its_own(client, curator, bearer, latency):
    retired = ConceptFactory(slug="old", deprecated=True)
    papers = PaperFactory.create_batch(2)
    other = decide(CuratorFactory(), latency)
    items = [
        {"paper": papers[0].arxiv_id, "concept": "latency", "verdict": "accept"},
        {"paper": papers[1].arxiv_id, "concept": retired.slug, "verdict": "accept"},
        {"paper": "2501.99999", "concept": "latency", "verdict": "accept"},
        {"paper": papers[1].arxiv_id, "concept": "latency", "verdict": "perhaps"},
        {"concept": "latency", "verdict": "accept"},
        {"paper": other.paper.arxiv_id, "reverts": other.pk},
        {"paper": papers[1].arxiv_id, "concept": "latency", "verdict": "reject"},
    ]
    headers = bearer()
    response = send(client, "decisions/", headers, key="k", items=items)
    assert response.status_code == 200
    results = response.json()["results"]
    assert [one["status"] for one in results] == [201, 409, 404, 400, 400, 403, 201]
    assert results[1]["code"] == "concept-deprecated"
    assert Decision.objects.filter(actor=curator).count() == 2
    again = send(client, "decisions/", headers, key="k", items=items).json()["results"]
    assert [one["status"] for one in again] == [200, 409, 404, 400, 400, 403, 200]
    assert [one.get("decision") for one in again] == [one.get("decision") for one in results]


@pytest.mark.parametrize("items", [[], [{}] * 101, "all"])
def test_a_call_of_no_or_too_many_items_is_refused(client, bearer, items):
    assert send(client, "decisions/", bearer(), items=items).status_code == 400


def test_a_dry_run_only_looks(client, bearer, latency):
    one = SuggestionFactory(concept=latency, score=0.97)
    response = send(
        client,
        "batches/",
        bearer(),
        kind="accept",
        selection={"concept": "latency", "least": 0.95},
        dry_run=True,
    )
    assert response.json() == {
        "count": 1,
        "papers": 1,
        "upto": one.pk,
        "tags": 0,
        "outside": 0,
        "sample": [{"paper": one.paper.arxiv_id, "concept": "latency", "score": 0.97}],
    }
    assert not Batch.objects.exists()


def test_a_batch_is_begun_looked_at_and_undone(client, bearer, latency):
    headers = bearer()
    rows = SuggestionFactory.create_batch(3, concept=latency)
    asked = {"kind": "accept", "selection": {"concept": "latency"}, "note": "Clear ones."}
    response = send(client, "batches/", headers, key="k", **asked)
    batch = response.json()
    assert response.status_code == 201
    assert (batch["made"], batch["expected"], batch["finished"]) == (3, 3, True)
    assert send(client, "batches/", headers, key="k", **asked).json() == batch
    items = client.get(f"{API}batches/{batch['id']}/items/", headers=headers).json()["results"]
    assert {one["paper"] for one in items} == {one.paper.arxiv_id for one in rows}
    assert {one["outcome"] for one in items} == {"accept"}
    undone = send(client, f"batches/{batch['id']}/undo/", headers, key="u")
    assert (undone.status_code, undone.json()["undoes"]) == (201, batch["id"])
    assert not Tag.objects.exists()


def test_an_unfinished_batch_goes_on_with_the_same_key(client, bearer, latency, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK", 2)
    monkeypatch.setattr(batches.go_on, "__defaults__", (-1,))
    SuggestionFactory.create_batch(3, concept=latency)
    headers = bearer()
    asked = {"kind": "reject", "selection": {"concept": "latency"}}
    first = send(client, "batches/", headers, key="k", **asked)
    second = send(client, "batches/", headers, key="k", **asked)
    assert [first.status_code, second.status_code] == [202, 201]
    assert Decision.objects.filter(verdict="reject").count() == 3


@pytest.mark.parametrize("item_count", [1, 3])
def test_the_items_of_a_batch_cost_the_same_at_any_length(
    client, curator, latency, bearer, django_assert_num_queries, item_count
):
    SuggestionFactory.create_batch(item_count, concept=latency)
    headers = bearer()
    batch = send(
        client, "batches/", headers, key="k", kind="accept", selection={"concept": "latency"}
    ).json()
    path = f"{API}batches/{batch['id']}/items/"
    client.get(path, headers=headers)  # notes that the token was used
    # token, two of permissions, batch, vocabulary, page
    with django_assert_num_queries(5):
        found = client.get(path, headers=headers).json()["results"]
    assert len(found) == item_count


def test_editors_revert_others_and_curators_themselves(
    client, curator, editor, bearer, latency
):
    decide(curator, latency)
    decide(editor, latency)
    theirs = {"kind": "revert", "selection": {"person": "editor"}}
    assert send(client, "batches/", bearer(), key="k", **theirs).status_code == 403
    own = {"kind": "revert", "selection": {"person": "curator"}}
    assert send(client, "batches/", bearer(), key="k", **own).json()["made"] == 1
    response = send(client, "batches/", bearer(user=editor), key="k", **theirs)
    assert response.json()["made"] == 1


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"kind": "accept", "selection": {}}, 409),
        ({"kind": "accept", "selection": {"concept": "nowhere"}}, 400),
        ({"kind": "accept", "selection": {"colour": "red"}}, 400),
        ({"kind": "accept", "selection": {"least": 2}}, 400),
        ({"kind": "retract", "selection": {"concept": "latency"}}, 400),
        ({"kind": "accept"}, 400),
        ({"kind": "accept", "selection": {"concept": "latency"}, "sure": True}, 400),
    ],
)
def test_what_makes_no_sense_begins_nothing(client, bearer, latency, asked, status):
    assert send(client, "batches/", bearer(), key="k", **asked).status_code == status
    assert not Batch.objects.exists()


def test_nothing_is_begun_without_a_key(client, bearer, latency):
    asked = {"kind": "accept", "selection": {"concept": "latency"}}
    assert send(client, "batches/", bearer(), **asked).status_code == 400


@pytest.mark.parametrize("scope", ["read", None])
def test_readers_begin_nothing(client, bearer, latency, scope):
    headers = bearer(scope) if scope else {}
    asked = {"kind": "accept", "selection": {"concept": "latency"}}
    assert send(client, "batches/", headers, key="k", **asked).status_code in {401, 403}
    assert send(client, "decisions/", headers, items=[{}]).status_code in {401, 403}
