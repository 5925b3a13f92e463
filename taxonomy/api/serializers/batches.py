"""Batches: what is asked for, what would come of it, what came of it."""

from dataclasses import asdict
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from taxonomy.batches import Outlook
from taxonomy.models import Batch, Decision, PassedOver

LONGEST_NOTE = 2_000
MOST_ITEMS = 100


class NewBatchSerializer(serializers.Serializer[dict[str, Any]]):
    """What to do, with which suggestions or decisions. `dry_run` only looks."""

    kind = serializers.ChoiceField(Batch.Kind.choices)
    selection = serializers.DictField(help_text="The parameters of the list, by name.")
    note = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=LONGEST_NOTE
    )
    upto = serializers.IntegerField(
        required=False, min_value=0, max_value=2**63 - 1,
        help_text="As a dry run named it: what came since is not meant.",
    )  # fmt: skip
    dry_run = serializers.BooleanField(required=False, default=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(self.initial_data) - set(self.fields):
            message = _("This field is not known.")
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), message))
        return attrs


class OutlookSerializer(serializers.Serializer[Outlook]):
    """What a batch would be about."""

    count = serializers.IntegerField()
    papers = serializers.IntegerField()
    upto = serializers.IntegerField()
    tags = serializers.IntegerField(help_text="Of a revert: tags that rest on it.")
    outside = serializers.IntegerField(
        help_text="Like that, and outside of the concepts that you decide on: not counted."
    )
    sample = serializers.ListField(child=serializers.DictField(), help_text="Some by chance.")


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """Reads batch.made_by."""

    made_by = serializers.CharField(source="made_by.username")
    undoes = serializers.UUIDField(source="undoes_id", allow_null=True)
    finished = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = (
            *("id", "kind", "selection", "note", "made_by", "undoes", "expected", "upto"),
            *("made", "passed", "finished", "created_at", "finished_at"),
        )
        read_only_fields = fields

    def get_finished(self, batch: Batch) -> bool:
        return batch.finished_at is not None


class ItemSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of one suggestion or decision of a batch."""

    paper = serializers.CharField()
    concept = serializers.CharField()
    outcome = serializers.CharField(help_text="A verdict, or why it was passed over.")
    decision = serializers.IntegerField(allow_null=True)


def item_of(row: Decision | PassedOver, slug: str) -> dict[str, Any]:
    """Reads row.paper."""
    made = isinstance(row, Decision)
    return {
        "paper": row.paper.arxiv_id,
        "concept": slug,
        "outcome": row.verdict if isinstance(row, Decision) else row.why,
        "decision": row.pk if made else None,
    }


def outlook_of(outlook: Outlook, sample: list[dict[str, Any]]) -> dict[str, Any]:
    return asdict(outlook) | {"sample": sample}


class ManySerializer(serializers.Serializer[dict[str, Any]]):
    """Up to a hundred decisions, each with the `paper` it is on."""

    items = serializers.ListField(
        child=serializers.DictField(), min_length=1, max_length=MOST_ITEMS
    )


class ResultSerializer(serializers.Serializer[dict[str, Any]]):
    """What became of one item: its decision, or the problem with it."""

    status = serializers.IntegerField(help_text="As if it had been sent alone.")
    decision = serializers.IntegerField(required=False)
    code = serializers.CharField(required=False)
    detail = serializers.CharField(required=False)


class ResultsSerializer(serializers.Serializer[dict[str, Any]]):
    results = ResultSerializer(many=True)
