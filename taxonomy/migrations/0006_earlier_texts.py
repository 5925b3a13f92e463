"""Texts that papers once had: kept by a trigger, whoever writes the new one."""

import django.db.models.deletion
from django.db import migrations, models

# What is spaced or marked up differently but reads the same is no new text; nor is a readable
# form that only this program makes differently. A landmark known by title alone has none yet.
KEEP_TEXT = """
CREATE FUNCTION kadai_keep_text() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO taxonomy_paperversion
        (paper_id, text_revision, version, title, abstract, title_plain, abstract_plain,
         submitted_at, seen_at, replaced_at)
    VALUES
        (OLD.id, OLD.text_revision, OLD.version, OLD.title, OLD.abstract, OLD.title_plain,
         OLD.abstract_plain, OLD.updated_at,
         coalesce((SELECT max(replaced_at) FROM taxonomy_paperversion WHERE paper_id = OLD.id),
                  OLD.added_at),
         clock_timestamp());
    NEW.text_revision := OLD.text_revision + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER earlier_text_is_kept
    BEFORE UPDATE OF title, abstract, title_plain, abstract_plain ON taxonomy_paper
    FOR EACH ROW
    WHEN (OLD.fetched_at IS NOT NULL
          AND (OLD.title, OLD.abstract) IS DISTINCT FROM (NEW.title, NEW.abstract)
          AND (OLD.title_plain, OLD.abstract_plain)
              IS DISTINCT FROM (NEW.title_plain, NEW.abstract_plain))
    EXECUTE FUNCTION kadai_keep_text();
"""
DROP_KEEP_TEXT = """
DROP TRIGGER earlier_text_is_kept ON taxonomy_paper;
DROP FUNCTION kadai_keep_text();
"""

# Until now a version stood for its text.
WHAT_WAS_READ = """
UPDATE taxonomy_screening s SET text_revision = 1 FROM taxonomy_paper p
WHERE p.id = s.paper_id AND p.version = s.paper_version;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("taxonomy", "0005_removed_papers"),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "text_revision",
                    models.PositiveIntegerField(help_text="The paper's, while it had it."),
                ),
                (
                    "version",
                    models.PositiveSmallIntegerField(help_text="The last one with this text."),
                ),
                ("title", models.TextField()),
                ("abstract", models.TextField(blank=True)),
                ("title_plain", models.TextField()),
                ("abstract_plain", models.TextField(blank=True)),
                ("submitted_at", models.DateTimeField(help_text="Submission of that version.")),
                ("seen_at", models.DateTimeField(help_text="When this text came here.")),
                ("replaced_at", models.DateTimeField(help_text="When the next one came here.")),
            ],
        ),
        migrations.AddField(
            model_name="decision",
            name="text_revision",
            field=models.PositiveIntegerField(
                default=1, help_text="Of the text that was read."
            ),
        ),
        migrations.AddField(
            model_name="paper",
            name="text_revision",
            field=models.PositiveIntegerField(
                db_default=1,
                default=1,
                help_text="One more whenever title or abstract changed.",
            ),
        ),
        migrations.AddField(
            model_name="screening",
            name="text_revision",
            field=models.PositiveIntegerField(
                help_text="Of the text that was finished, or read for suggestions.", null=True
            ),
        ),
        migrations.AddField(
            model_name="suggestion",
            name="text_revision",
            field=models.PositiveIntegerField(
                default=1, help_text="Of the text that was read."
            ),
        ),
        migrations.AddIndex(
            model_name="paper",
            index=models.Index(
                condition=models.Q(
                    ("withdrawn", True), ("removed_at__isnull", False), _connector="OR"
                ),
                fields=["-published_at", "-id"],
                name="paper_gone",
            ),
        ),
        migrations.AddField(
            model_name="paperversion",
            name="paper",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="earlier_texts",
                to="taxonomy.paper",
            ),
        ),
        migrations.AddConstraint(
            model_name="paperversion",
            constraint=models.UniqueConstraint(
                fields=("paper", "text_revision"), name="a_text_is_kept_once"
            ),
        ),
        migrations.RunSQL(KEEP_TEXT, DROP_KEEP_TEXT),
        migrations.RunSQL(WHAT_WAS_READ, migrations.RunSQL.noop),
    ]
