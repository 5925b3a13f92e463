"""Seals of decisions, batches of them, and names by choice."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

SEALS = """
CREATE TRIGGER seal_is_append_only BEFORE UPDATE OR DELETE ON taxonomy_seal
    FOR EACH ROW EXECUTE FUNCTION kadai_refuse();
"""
DROP_SEALS = "DROP TRIGGER seal_is_append_only ON taxonomy_seal;"


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0009_queue_orders"),
    ]

    operations = [
        migrations.CreateModel(
            name="Batch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("accept", "accept suggestions"),
                            ("reject", "reject suggestions"),
                            ("revert", "take decisions back"),
                        ],
                        max_length=6,
                    ),
                ),
                ("selection", models.JSONField()),
                ("note", models.TextField(blank=True)),
                (
                    "key",
                    models.CharField(
                        help_text="A repeated request makes no second.", max_length=80
                    ),
                ),
                (
                    "expected",
                    models.PositiveIntegerField(help_text="How many there were at the start."),
                ),
                ("upto", models.BigIntegerField()),
                ("cursor", models.BigIntegerField(default=0)),
                ("made", models.PositiveIntegerField(default=0, help_text="Decisions so far.")),
                (
                    "passed",
                    models.PositiveIntegerField(default=0, help_text="Left as they were."),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PassedOver",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "why",
                    models.CharField(
                        choices=[
                            ("held-by-another", "on another curator's desk"),
                            ("decided-meanwhile", "decided meanwhile"),
                        ],
                        max_length=20,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("decision_id", models.BigIntegerField(primary_key=True, serialize=False)),
                (
                    "follows",
                    models.BigIntegerField(
                        help_text="Number of the seal before; 0 before all."
                    ),
                ),
                ("before", models.BinaryField(help_text="Digest of the seal before.")),
                ("content", models.BinaryField(help_text="SHA-256 of what the decision says.")),
                (
                    "digest",
                    models.BinaryField(help_text="SHA-256 of the seal before and the content."),
                ),
                ("sealed_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
        migrations.AddField(
            model_name="user",
            name="shows_name",
            field=models.BooleanField(
                default=True, help_text="Readers see the name beside decisions."
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["concept", "-id"], name="decision_of_a_concept"),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["created_at"], name="decision_by_moment"),
        ),
        migrations.AddField(
            model_name="batch",
            name="made_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="batches",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="batch",
            name="undoes",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="undone_by",
                to="taxonomy.batch",
            ),
        ),
        migrations.AddField(
            model_name="passedover",
            name="batch",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="passed_over",
                to="taxonomy.batch",
            ),
        ),
        migrations.AddField(
            model_name="passedover",
            name="concept",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="taxonomy.concept",
            ),
        ),
        migrations.AddField(
            model_name="passedover",
            name="paper",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="taxonomy.paper",
            ),
        ),
        migrations.AddIndex(
            model_name="batch",
            index=models.Index(fields=["-created_at", "-id"], name="batch_newest"),
        ),
        migrations.AddConstraint(
            model_name="batch",
            constraint=models.UniqueConstraint(
                fields=("made_by", "key"), name="a_key_makes_one_batch"
            ),
        ),
        migrations.RunSQL(SEALS, DROP_SEALS),
    ]
