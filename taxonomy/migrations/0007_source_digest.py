"""Papers remember the line of a snapshot they were written from."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("taxonomy", "0006_earlier_texts")]

    operations = [
        migrations.AddField(
            model_name="paper",
            name="source_digest",
            field=models.BigIntegerField(
                editable=False,
                help_text="Of the snapshot's line that it was last written from, if it was.",
                null=True,
            ),
        ),
    ]
