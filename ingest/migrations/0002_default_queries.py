"""What a new atlas asks arXiv for. Curators may change all of it; nothing is put back."""

from django.db import migrations

MODELS = (
    'ti:"language model" OR abs:"language model" OR ti:"language models" '
    'OR abs:"language models" OR ti:LLM OR abs:LLM OR ti:LLMs OR abs:LLMs'
)


def about_models(*categories):
    """Papers of these categories on language models that cs.CL does not already bring."""
    places = " OR ".join(f"cat:{category}" for category in categories)
    return f"({places}) AND ({MODELS}) ANDNOT cat:cs.CL"


QUERIES = [
    ("cs-cl", "Computation and Language", "cat:cs.CL"),
    (
        "models-in-learning",
        "Language models in AI and machine learning",
        about_models("cs.AI", "cs.LG", "stat.ML"),
    ),
    (
        "models-in-systems",
        "Language models in security, software and systems",
        about_models("cs.CR", "cs.SE", "cs.DC", "cs.AR", "cs.PL"),
    ),
    (
        "models-and-people",
        "Language models, people and society",
        about_models("cs.IR", "cs.HC", "cs.CY", "cs.SI", "cs.MA", "cs.RO"),
    ),
]


def add(apps, schema_editor):
    query = apps.get_model("ingest", "Query")
    for slug, name, search in QUERIES:
        query.objects.get_or_create(slug=slug, defaults={"name": name, "search": search})


class Migration(migrations.Migration):
    dependencies = [("ingest", "0001_initial")]

    operations = [migrations.RunPython(add, migrations.RunPython.noop, elidable=True)]
