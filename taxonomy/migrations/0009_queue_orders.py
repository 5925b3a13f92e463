"""Each order of the queue gets its column and its index."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0008_roles_sessions_invitations"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueuePolicy",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(
                        default=1, primary_key=True, serialize=False
                    ),
                ),
                (
                    "order",
                    models.CharField(
                        choices=[
                            ("likely", "likely first"),
                            ("uncertain", "uncertain first"),
                            ("mixed", "likely and uncertain in turn"),
                            ("rare", "rare concepts first"),
                        ],
                        default="likely",
                        max_length=10,
                    ),
                ),
                ("changed_by", models.CharField(blank=True, max_length=150)),
                ("changed_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "verbose_name_plural": "queue policies",
            },
        ),
        migrations.AddField(
            model_name="screening",
            name="mixed",
            field=models.FloatField(
                db_default=0, default=0, help_text="The same, both in turn."
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="rare",
            field=models.FloatField(
                db_default=0, default=0, help_text="The same, rare concepts first."
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="uncertainty",
            field=models.FloatField(
                db_default=0, default=0, help_text="The same, uncertain first."
            ),
        ),
        # What waits now, as far as its likeliest concept tells: suggesting again says more.
        migrations.RunSQL(
            "UPDATE taxonomy_screening SET uncertainty = 4 * priority * (1 - priority), "
            "rare = priority, mixed = CASE WHEN paper_id % 2 = 1 THEN priority "
            "ELSE 4 * priority * (1 - priority) END WHERE state = 'waiting'",
            migrations.RunSQL.noop,
        ),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(
                models.OrderBy(models.F("uncertainty"), descending=True),
                models.OrderBy(models.F("paper"), descending=True),
                condition=models.Q(("state", "waiting")),
                name="screening_by_uncertainty",
            ),
        ),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(
                models.OrderBy(models.F("mixed"), descending=True),
                models.OrderBy(models.F("paper"), descending=True),
                condition=models.Q(("state", "waiting")),
                name="screening_by_mixed",
            ),
        ),
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(
                models.OrderBy(models.F("rare"), descending=True),
                models.OrderBy(models.F("paper"), descending=True),
                condition=models.Q(("state", "waiting")),
                name="screening_by_rare",
            ),
        ),
        migrations.AddConstraint(
            model_name="queuepolicy",
            constraint=models.CheckConstraint(
                condition=models.Q(("id", 1)), name="there_is_one_queue_policy"
            ),
        ),
    ]
