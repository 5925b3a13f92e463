"""The admin writes what the verbs write, or nothing."""

import pytest
from django.contrib import admin
from django.urls import reverse

from taxonomy import curation, people, vocabulary
from taxonomy.curation import Actor
from taxonomy.models import ApiToken, Collection, Concept, ConceptChange, Edition, Link, User
from tests.factories import ConceptFactory, DomainFactory, PaperFactory

MODELS = (
    "concept collection link edition conceptchange paper decision tag user apitoken".split()
)


@pytest.fixture
def editor(client, db):
    user = User.objects.create_superuser("editor")
    client.force_login(user)
    return user


def form_of(page):
    """What a browser would send back, from the form and its inlines."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    values = {}
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                values[bound.html_name] = value
    return values


@pytest.mark.parametrize("model", MODELS)
def test_every_list_and_row_can_be_looked_at(client, editor, model):
    concept, paper = ConceptFactory(), PaperFactory()
    Link.objects.create(challenge=concept, domain=DomainFactory())
    Collection.objects.create(slug="design")
    Edition.objects.create(number=1, released_on="2026-01-01")
    ConceptChange.objects.create(concept=concept, actor="x", after={}, vocabulary_version=1)
    curation.decide(paper=paper, concept=concept, verdict="accept", actor=Actor.person(editor))
    people.issue_token(editor, "script")
    listed = client.get(reverse(f"admin:taxonomy_{model}_changelist"))
    assert listed.status_code == 200
    row = next(m for m in admin.site._registry if m._meta.model_name == model).objects.first()
    shown = client.get(reverse(f"admin:taxonomy_{model}_change", args=[row.pk]))
    assert shown.status_code == 200
    delete = client.get(reverse(f"admin:taxonomy_{model}_delete", args=[row.pk]))
    assert delete.status_code == 403


def test_a_change_of_a_concept_is_kept_and_moves_the_vocabulary(client, editor):
    concept = ConceptFactory(slug="latency")
    number = vocabulary.current().number
    url = reverse("admin:taxonomy_concept_change", args=[concept.pk])
    values = form_of(client.get(url))
    label = next(name for name, value in values.items() if value == "Latency")
    response = client.post(url, {**values, label: "Slowness", "slug": "other"})
    assert response.status_code == 302
    concept.refresh_from_db()
    assert (concept.slug, concept.revision) == ("latency", 2)
    change = ConceptChange.objects.get()
    assert change.actor == "editor"
    assert change.before["labels"]["pref en"] == ["Latency"]
    assert change.after["labels"]["pref en"] == ["Slowness"]
    assert vocabulary.current().number == change.vocabulary_version == number + 1
    assert vocabulary.current().by_slug["latency"].pref_label("en") == "Slowness"


def test_a_new_concept_has_a_first_change(client, editor):
    url = reverse("admin:taxonomy_concept_add")
    values = form_of(client.get(url))
    response = client.post(url, {**values, "kind": "challenge", "slug": "fresh"})
    assert response.status_code == 302
    change = ConceptChange.objects.get(concept=Concept.objects.get(slug="fresh"))
    assert (change.before, change.after["kind"]) == (None, "challenge")


def test_a_token_is_revoked_and_its_hash_not_shown(client, editor):
    people.issue_token(editor, "script")
    token = ApiToken.objects.get()
    page = client.get(reverse("admin:taxonomy_apitoken_change", args=[token.pk]))
    assert token.secret_hash.encode() not in page.content
    client.post(
        reverse("admin:taxonomy_apitoken_changelist"),
        {"action": "revoke", "_selected_action": [token.pk]},
    )
    token.refresh_from_db()
    assert token.revoked_at is not None
