"""Vectors of texts, so that each is computed once."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("ingest", "0015_language_model"),
        ("taxonomy", "0014_scopes"),
    ]

    operations = [
        migrations.CreateModel(
            name="TextVector",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "model",
                    models.CharField(help_text="A digest of its files.", max_length=16),
                ),
                ("digest", models.CharField(help_text="Of the text.", max_length=64)),
                (
                    "vector",
                    models.BinaryField(
                        help_text="Half-precision numbers, of length 1 together."
                    ),
                ),
                (
                    "text_revision",
                    models.PositiveIntegerField(help_text="Of the paper's text.", null=True),
                ),
                (
                    "paper",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="taxonomy.paper",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["digest", "model"], name="vector_by_text")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("paper", None)),
                        fields=("digest", "model"),
                        name="a_text_of_no_paper_has_one_vector",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("paper", None), ("text_revision", None)),
                            models.Q(
                                ("paper__isnull", False), ("text_revision__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="a_vector_of_a_paper_says_of_which_text",
                    ),
                ],
            },
        ),
    ]
