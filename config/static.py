"""Which static files there are."""

from django.apps import apps
from django.contrib.staticfiles.finders import AppDirectoriesFinder


class ServedAppsFinder(AppDirectoriesFinder):
    """Those of the apps whose pages are served: not DRF's own HTML, half of all the bytes."""

    def __init__(self) -> None:
        served = [app.name for app in apps.get_app_configs() if app.name != "rest_framework"]
        super().__init__(app_names=served)
