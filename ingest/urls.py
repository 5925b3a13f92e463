"""Pages about how papers get in."""

from django.urls import URLPattern, URLResolver, path

from ingest import audit_pages, views

app_name = "ingest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("ingest/", views.overview, name="overview"),
    path("ingest/runs/<int:pk>/", views.run, name="run"),
    path("ingest/runs/<int:pk>/again/", views.again, name="again"),
    path("ingest/queries/<slug:slug>/pull/", views.pull_now, name="pull"),
    path("ingest/queries/<slug:slug>/enabled/", views.set_enabled, name="enabled"),
    path("ingest/audits/begin/", audit_pages.begin, name="begin-audit"),
    path("ingest/audits/<int:pk>/", audit_pages.look, name="audit"),
    path("ingest/audits/<int:pk>/again/", audit_pages.again, name="audit-again"),
    path("ingest/pace/reset/", views.reset_pace, name="reset-pace"),
]
