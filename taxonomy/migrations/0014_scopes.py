"""Curators may be limited to some concepts."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0013_talk"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="scope",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(),
                blank=True,
                default=list,
                editable=False,
                help_text="What a curator is limited to, with what is narrower; none: all.",
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="passedover",
            name="why",
            field=models.CharField(
                choices=[
                    ("held-by-another", "on another curator's desk"),
                    ("decided-meanwhile", "decided meanwhile"),
                    ("outside-scope", "outside of the concepts decided on"),
                ],
                max_length=20,
            ),
        ),
    ]
