"""How sure a suggestion must be, as an editor asks for it."""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("ingest", "0005_ways_in")]

    operations = [
        migrations.CreateModel(
            name="SuggesterPolicy",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                (
                    "target",
                    models.PositiveSmallIntegerField(
                        help_text="Percent of the suggestions that shall be right.", null=True
                    ),
                ),
                ("changed_by", models.CharField(blank=True, max_length=150)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(id=1), name="there_is_one_policy"),
                    models.CheckConstraint(
                        condition=Q(target__isnull=True) | Q(target__gte=50, target__lte=99),
                        name="a_target_is_a_share_worth_asking_for",
                    ),
                ],
            },
        ),
    ]
