from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    name = "ingest"
    verbose_name = _("Ingest")

    def ready(self) -> None:
        from ingest import names  # noqa: PLC0415  (models, once all are loaded)
        from ingest.suggest import embed, topics  # noqa: PLC0415
        from taxonomy import people  # noqa: PLC0415
        from taxonomy.talk import topics as talk  # noqa: PLC0415

        people.also_rename(names.rename)
        talk.also_about(topics.KIND, topics.find)
        checks.register(embed.check)
