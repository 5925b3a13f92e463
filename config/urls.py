"""Every address. Pages exist twice: in English without prefix, in Japanese under /ja/."""

from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from taxonomy.views.people import sign_in_to_admin

handler400 = "config.errors.bad_request"
handler403 = "config.errors.permission_denied"
handler404 = "config.errors.page_not_found"
handler500 = "config.errors.server_error"

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/", include("taxonomy.api.urls")),
    path("api/v1/", include("ingest.api.urls")),
    path("", include("config.health")),
    path("", include("config.metrics")),
    path("admin/login/", sign_in_to_admin),
    path("admin/", admin.site.urls),
]
urlpatterns += i18n_patterns(  # the pages that are asked for most come first
    path("", include("taxonomy.urls")),
    path("", include("taxonomy.people_urls")),
    path("", include("ingest.urls")),
    prefix_default_language=False,
)
