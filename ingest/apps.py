from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IngestConfig(AppConfig):
    name = "ingest"
    verbose_name = _("Ingest")

    def ready(self) -> None:
        from django.core import checks  # noqa: PLC0415

        from ingest import names  # noqa: PLC0415  (models, once all are loaded)
        from ingest.suggest import embed  # noqa: PLC0415
        from taxonomy import people  # noqa: PLC0415

        people.also_rename(names.rename)
        checks.register(embed.check)
