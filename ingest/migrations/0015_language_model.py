"""What a language model is asked, says and costs."""

from decimal import Decimal

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0014_measurement"),
        ("taxonomy", "0013_talk"),
    ]

    operations = [
        migrations.CreateModel(
            name="LanguageModelAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("model", models.CharField(max_length=120)),
                (
                    "question",
                    models.CharField(
                        help_text="Version of the wording and of what it says of concepts.",
                        max_length=40,
                    ),
                ),
                (
                    "digest",
                    models.CharField(help_text="Of title and abstract as sent.", max_length=64),
                ),
                ("probabilities", models.JSONField(default=dict)),
                ("answered_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("digest", "model", "question"),
                        name="a_text_is_asked_about_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LanguageModelPause",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                (
                    "until",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="Nothing is asked before."
                    ),
                ),
                ("failures", models.PositiveIntegerField(default=0, help_text="In a row.")),
                ("last_error", models.TextField(blank=True)),
                ("last_error_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("id", 1)), name="there_is_one_pause"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="LanguageModelCall",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text_revision",
                    models.PositiveIntegerField(help_text="Of the text that was sent."),
                ),
                ("model", models.CharField(max_length=120)),
                ("question", models.CharField(max_length=40)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "under way"),
                            ("answered", "answered"),
                            ("cached", "found in the cache"),
                            ("unusable", "no usable answer"),
                            ("failed", "not answered"),
                        ],
                        default="open",
                        max_length=10,
                    ),
                ),
                (
                    "cost",
                    models.DecimalField(decimal_places=8, default=Decimal("0"), max_digits=16),
                ),
                (
                    "tokens_in",
                    models.PositiveIntegerField(help_text="As the server counted.", null=True),
                ),
                ("tokens_out", models.PositiveIntegerField(null=True)),
                ("error", models.TextField(blank=True)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="calls",
                        to="ingest.languagemodelanswer",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="taxonomy.paper",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["asked_at"], name="llm_call_by_moment")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("cost__gte", 0)), name="a_call_costs_no_less_than_0"
                    )
                ],
            },
        ),
    ]
