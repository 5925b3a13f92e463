"""What the decisions after a training add to it."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0012_held_work"),
    ]

    operations = [
        migrations.CreateModel(
            name="SuggesterUpdate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.PositiveIntegerField(unique=True)),
                (
                    "last_decision",
                    models.BigIntegerField(help_text="The newest decision that was there."),
                ),
                (
                    "decisions",
                    models.PositiveIntegerField(help_text="Verdicts it learned from."),
                ),
                ("weights", models.JSONField(default=dict)),
                ("made_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "spread_at",
                    models.DateTimeField(
                        help_text="When the waiting papers it concerns had new suggestions.",
                        null=True,
                    ),
                ),
                (
                    "base",
                    models.ForeignKey(
                        help_text="Empty: the vocabulary alone.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="updates",
                        to="ingest.suggestermodel",
                    ),
                ),
            ],
            options={
                "verbose_name": "update of a suggester",
                "verbose_name_plural": "updates of suggesters",
            },
        ),
    ]
