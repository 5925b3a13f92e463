"""An index for the review desk: what a curator closed, latest first."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("taxonomy", "0003_loaded_record")]

    operations = [
        migrations.AddIndex(
            model_name="screening",
            index=models.Index(
                fields=["screened_by", "-screened_at"],
                condition=models.Q(("state", "screened")),
                name="screening_of_a_curator",
            ),
        ),
    ]
