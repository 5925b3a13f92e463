"""Comments on what another app keeps."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0015_secrets_encrypted"),
    ]

    operations = [
        migrations.AddField(
            model_name="comment",
            name="topic",
            field=models.CharField(
                blank=True,
                default="",
                help_text="As kind:name.",
                max_length=240,
            ),
            preserve_default=False,
        ),
        migrations.RemoveConstraint(model_name="comment", name="a_comment_is_about_one_thing"),
        migrations.AddConstraint(
            model_name="comment",
            constraint=models.CheckConstraint(
                condition=Q(concept__isnull=False, paper__isnull=True, topic="")
                | Q(concept__isnull=True, paper__isnull=False, topic="")
                | (Q(concept__isnull=True, paper__isnull=True) & ~Q(topic="")),
                name="a_comment_is_about_one_thing",
            ),
        ),
        migrations.AddIndex(
            model_name="comment",
            index=models.Index(
                condition=~Q(topic=""), fields=["topic", "id"], name="comment_of_a_topic"
            ),
        ),
    ]
