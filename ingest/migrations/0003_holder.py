from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingest", "0002_default_queries")]

    operations = [
        migrations.AddField(
            model_name="harvest",
            name="holder",
            field=models.CharField(
                blank=True,
                help_text="The process that is on it: host, number, birth.",
                max_length=200,
            ),
        ),
    ]
