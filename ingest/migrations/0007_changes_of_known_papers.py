"""Runs know the form of their records, and a new atlas follows the papers it has."""

from django.db import migrations, models


def add(apps, schema_editor):
    query = apps.get_model("ingest", "Query")
    query.objects.get_or_create(
        slug="changes",
        defaults={
            "name": "Changes of known papers",
            "way": "oai",
            "search": "cs",
            "known_only": True,
        },
    )


class Migration(migrations.Migration):
    dependencies = [("ingest", "0006_suggester_policy")]

    operations = [
        migrations.AddField(
            model_name="harvest",
            name="prefix",
            field=models.CharField(
                blank=True, help_text="OAI-PMH: the form of the records.", max_length=8
            ),
        ),
        migrations.RemoveConstraint(
            model_name="harvest", name="one_running_harvest_of_a_window"
        ),
        migrations.AddConstraint(
            model_name="harvest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "running")),
                fields=("way", "search", "match", "known_only", "prefix", "window"),
                name="one_running_harvest_of_a_window",
            ),
        ),
        migrations.RunPython(add, migrations.RunPython.noop, elidable=True),
    ]
