"""Every address. Pages exist twice: in English without prefix, in Japanese under /ja/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("taxonomy.api.urls")),
    path("", include("config.health")),
    path("admin/", admin.site.urls),
]
urlpatterns += i18n_patterns(
    path("", include("taxonomy.people_urls")),
    path("", include("ingest.urls")),
    path("", include("taxonomy.urls")),
    prefix_default_language=False,
)
