"""The wiring as an app, so that its commands (`up`, `backup`, `restore`) are found."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # Tasks called from the web process go to this app's broker.
        from config import celery  # noqa: F401, PLC0415  (needs finished settings)
