"""From suggestion to tag: what machines claim, what people decide, what holds."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from taxonomy.api.addresses import page_of
from taxonomy.likeness import Near
from taxonomy.models import Decision, Suggestion, Tag
from taxonomy.vocabulary import Vocabulary

EVIDENCE = ("spans", "signals")  # of what is stored; the rest has fields of its own
VERDICTS = [choice for choice in Decision.Verdict.choices if choice[0] != "retract"]


class SpanSerializer(serializers.Serializer[dict[str, Any]]):
    """Words that speak for a concept; offsets are characters of the readable text."""

    field = serializers.ChoiceField(["title", "abstract"])
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    weight = serializers.FloatField()


class EvidenceSerializer(serializers.Serializer[dict[str, Any]]):
    spans = SpanSerializer(many=True)
    signals = serializers.DictField(child=serializers.FloatField(), required=False)


class NearSerializer(serializers.Serializer[Near]):
    """An accepted paper of the same concept that is like the suggested one."""

    arxiv_id = serializers.CharField(source="paper.arxiv_id")
    title = serializers.CharField(source="paper.title_plain")
    page = serializers.SerializerMethodField(help_text="For people.")
    likeness = serializers.FloatField(help_text="0 (nothing in common) to 1 (the same).")

    def get_page(self, near: Near) -> str:
        return page_of(self.context["request"], near.paper)


class SuggestionSerializer(serializers.ModelSerializer[Suggestion]):
    """Reads suggestion.concept. Its context has the request, the decisions by concept id in
    `standing`, and the accepted papers like this one by suggestion in `nearest`.
    """

    concept = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    evidence = EvidenceSerializer()
    decided = serializers.SerializerMethodField(
        help_text="A decision on it holds for this text."
    )

    nearest = serializers.SerializerMethodField(
        help_text="Three accepted papers of the concept at most, most like it first."
    )
    vocabulary = serializers.SerializerMethodField(
        help_text="Version of the vocabulary it was made with; null: not noted."
    )

    class Meta:
        model = Suggestion
        fields = (
            *("concept", "score", "suggester", "vocabulary"),
            *("paper_version", "text_revision", "evidence", "nearest"),
            *("decided", "created_at"),
        )
        read_only_fields = fields

    def get_decided(self, suggestion: Suggestion) -> bool:
        standing: dict[int, Decision] = self.context["standing"]
        return not suggestion.is_open(standing.get(suggestion.concept_id))

    @extend_schema_field(NearSerializer(many=True))
    def get_nearest(self, suggestion: Suggestion) -> list[dict[str, Any]]:
        near: Mapping[int, list[Near]] = self.context["nearest"]
        shown = near.get(suggestion.pk, [])
        return [dict(NearSerializer(one, context=self.context).data) for one in shown]

    def get_vocabulary(self, suggestion: Suggestion) -> int | None:
        number: int | None = suggestion.evidence.get("vocabulary")
        return number

    def to_representation(self, instance: Suggestion) -> dict[str, Any]:
        found: dict[str, Any] = super().to_representation(instance)
        kept = {key: value for key, value in instance.evidence.items() if key in EVIDENCE}
        found["evidence"] = {"spans": [], **kept}
        return found


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """One step of a paper's trail. Reads decision.actor and decision.reverted_by."""

    concept = serializers.SerializerMethodField()
    actor = serializers.SerializerMethodField(help_text="A person's, model's, import's name.")
    reverts = serializers.IntegerField(source="reverts_id", allow_null=True)
    reverted_by = serializers.SerializerMethodField(help_text="The decision that took it back.")

    class Meta:
        model = Decision
        fields: tuple[str, ...] = (
            *("id", "concept", "verdict", "reason", "note", "actor", "actor_kind"),
            *("paper_version", "text_revision", "edition", "suggester", "score", "batch"),
            *("reverts", "reverted_by", "created_at"),
        )
        read_only_fields: tuple[str, ...] = fields

    def get_concept(self, decision: Decision) -> str:
        terms: Vocabulary = self.context["vocabulary"]
        return terms.by_id[decision.concept_id].slug

    def get_actor(self, decision: Decision) -> str:
        return decision.actor.public_name if decision.actor else decision.actor_name

    def get_reverted_by(self, decision: Decision) -> int | None:
        later: Decision | None = getattr(decision, "reverted_by", None)
        return later.pk if later else None


class TrailSerializer(DecisionSerializer):
    """A decision on its own: which paper, and what it changed. Reads decision.paper, too.

    Its context has the steps by number in `steps`, the seals in `seals`.
    """

    paper = serializers.CharField(source="paper.arxiv_id")
    before = serializers.SerializerMethodField(help_text="The verdict that held, or null.")
    after = serializers.SerializerMethodField(help_text="The verdict that held then, or null.")
    seal = serializers.SerializerMethodField(help_text="SHA-256 in hex; null while it is new.")

    class Meta(DecisionSerializer.Meta):
        fields = ("paper", *DecisionSerializer.Meta.fields, "before", "after", "seal")
        read_only_fields = fields

    def get_before(self, decision: Decision) -> str | None:
        return self.context["steps"][decision.pk].before or None

    def get_after(self, decision: Decision) -> str | None:
        return self.context["steps"][decision.pk].after or None

    def get_seal(self, decision: Decision) -> str | None:
        found: str | None = self.context["seals"].get(decision.pk)
        return found


class NewDecisionSerializer(serializers.Serializer[dict[str, Any]]):
    """A verdict on a concept, or the number of the decision that is taken back."""

    concept = serializers.CharField(required=False, help_text="Slug.")
    verdict = serializers.ChoiceField(VERDICTS, required=False)
    reason = serializers.ChoiceField(
        Decision.Reason.choices, required=False, allow_blank=True, default=""
    )
    note = serializers.CharField(required=False, allow_blank=True, default="", max_length=2_000)
    reverts = serializers.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, help_text="In place of a verdict."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(self.initial_data) - set(self.fields):
            message = _("This field is not known.")
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), message))
        if "reverts" in attrs:
            if given := sorted(set(self.initial_data) & {"concept", "verdict", "reason"}):
                message = _("Not together with reverts.")
                raise serializers.ValidationError(dict.fromkeys(given, message))
            return attrs
        message = _("This is needed, or reverts.")
        if missing := [name for name in ("concept", "verdict") if name not in attrs]:
            raise serializers.ValidationError(dict.fromkeys(missing, message))
        return attrs


class TagSerializer(serializers.ModelSerializer[Tag]):
    """Reads tag.paper and tag.decision."""

    paper = serializers.CharField(source="paper.arxiv_id")
    concept = serializers.SerializerMethodField()
    kind = serializers.SerializerMethodField()
    decision = serializers.IntegerField(source="decision_id")
    created_at = serializers.DateTimeField(source="decision.created_at")
    withdrawn = serializers.BooleanField(
        source="paper.is_gone", help_text="The paper was withdrawn, or removed by arXiv."
    )

    class Meta:
        model = Tag
        fields = (
            "paper",
            "concept",
            "kind",
            "direct",
            "decision",
            "created_at",
            "published_at",
            "withdrawn",
        )
        read_only_fields = fields

    def get_concept(self, tag: Tag) -> str:
        terms: Vocabulary = self.context["vocabulary"]
        return terms.by_id[tag.concept_id].slug

    def get_kind(self, tag: Tag) -> str:
        terms: Vocabulary = self.context["vocabulary"]
        return terms.by_id[tag.concept_id].kind
