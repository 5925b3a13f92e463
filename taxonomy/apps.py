from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TaxonomyConfig(AppConfig):
    name = "taxonomy"
    verbose_name = _("Taxonomy")

    def ready(self) -> None:
        from taxonomy import people  # noqa: PLC0415  (models, once all are loaded)
        from taxonomy.talk import comments  # noqa: PLC0415

        people.also_rename(comments.rename)
