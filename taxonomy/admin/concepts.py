"""Concepts with their words, groups, constraints and editions."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from taxonomy import editing, vocabulary
from taxonomy.admin.rights import NeverDeleted, ReadOnly, Stack, Table
from taxonomy.models import (
    Collection,
    CollectionLabel,
    CollectionMember,
    Concept,
    ConceptChange,
    ConceptLabel,
    ConceptText,
    Edition,
    Link,
    LinkEvidence,
    LinkText,
)


class LabelInline(Table):
    model = ConceptLabel
    extra = 1


class TextInline(Stack):
    model = ConceptText
    extra = 0


@admin.register(Concept)
class ConceptAdmin(NeverDeleted):
    """Every save is one ConceptChange, and moves the vocabulary's number."""

    inlines = (LabelInline, TextInline)
    list_display = ("slug", "kind", "notation", "broader", "deprecated", "modified_at")
    list_filter = ("kind", "deprecated")
    list_select_related = ("broader",)
    search_fields = ("slug", "notation", "labels__text")
    autocomplete_fields = ("broader", "replaced_by")
    readonly_fields = ("revision", "created_at", "modified_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fixed = ("kind", "slug", "broader") if obj else ()
        return (*self.readonly_fields, *fixed)

    def save_model(self, request: HttpRequest, obj: Concept, form: Any, change: bool) -> None:
        stored = Concept.objects.get(pk=obj.pk) if change else None
        form.before = editing.concept_state(stored, _slugs()) if stored else None
        obj.revision = stored.revision + 1 if stored else 1
        super().save_model(request, obj, form, change)

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        concept: Concept = form.instance
        ConceptChange.objects.create(
            concept=concept,
            actor=request.user.get_username(),
            before=form.before,
            after=editing.concept_state(concept, _slugs()),
            vocabulary_version=vocabulary.touch(),
        )


class TouchesVocabulary(NeverDeleted):
    """Shown from memory everywhere: a change moves the number that says so."""

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        vocabulary.touch()


class CollectionLabelInline(Table):
    model = CollectionLabel
    extra = 0


class MemberInline(Table):
    model = CollectionMember
    extra = 0
    autocomplete_fields = ("concept",)


@admin.register(Collection)
class CollectionAdmin(TouchesVocabulary):
    inlines = (CollectionLabelInline, MemberInline)
    list_display = ("slug", "position")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()


class LinkTextInline(Table):
    model = LinkText
    extra = 0


class EvidenceInline(Table):
    model = LinkEvidence
    extra = 0
    autocomplete_fields = ("paper",)


@admin.register(Link)
class LinkAdmin(TouchesVocabulary):
    inlines = (LinkTextInline, EvidenceInline)
    list_display = ("challenge", "domain", "revision")
    list_select_related = ("challenge", "domain")
    search_fields = ("challenge__slug", "domain__slug")
    autocomplete_fields = ("challenge", "domain")
    readonly_fields = ("revision",)

    def save_model(self, request: HttpRequest, obj: Link, form: Any, change: bool) -> None:
        obj.revision = obj.revision + 1 if change else 1
        super().save_model(request, obj, form, change)


@admin.register(Edition)
class EditionAdmin(NeverDeleted):
    list_display = ("number", "released_on", "licence")


@admin.register(ConceptChange)
class ConceptChangeAdmin(ReadOnly):
    list_display = ("concept", "actor", "vocabulary_version", "created_at")
    list_select_related = ("concept",)
    search_fields = ("concept__slug", "actor")


def _slugs() -> dict[int, str]:
    return dict(Concept.objects.values_list("pk", "slug"))
