"""Pages about how papers get in."""

from django.urls import URLPattern, URLResolver, path

from ingest import audit_pages, insights, query_pages, refusal_pages, views
from ingest.alarms import views as alarms
from ingest.suggest import candidate_pages
from ingest.suggest import views as suggester

app_name = "ingest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("ingest/", views.overview, name="overview"),
    path("ingest/runs/<int:pk>/", views.run, name="run"),
    path("ingest/runs/<int:pk>/again/", views.again, name="again"),
    path("ingest/runs/<int:pk>/stop/", views.stop, name="stop"),
    path("ingest/preview/", query_pages.look, name="preview"),
    path("ingest/queries/new/", query_pages.write, name="new-query"),
    path("ingest/queries/<slug:slug>/", query_pages.write, name="query"),
    path("ingest/queries/<slug:slug>/delete/", query_pages.delete, name="delete-query"),
    path("ingest/queries/<slug:slug>/pull/", views.pull_now, name="pull"),
    path("ingest/queries/<slug:slug>/enabled/", views.set_enabled, name="enabled"),
    path("ingest/refusals/", refusal_pages.overview, name="refusals"),
    path("ingest/refusals/retry/", refusal_pages.retry_shown, name="retry-shown"),
    path("ingest/refusals/<int:pk>/retry/", refusal_pages.retry, name="retry-refusal"),
    path("ingest/refusals/<int:pk>/dismiss/", refusal_pages.dismiss, name="dismiss-refusal"),
    path("ingest/alarms/", alarms.overview, name="alarms"),
    path("ingest/alarms/<int:pk>/aside/", alarms.put_aside, name="put-aside"),
    path("ingest/audits/begin/", audit_pages.begin, name="begin-audit"),
    path("ingest/audits/<int:pk>/", audit_pages.look, name="audit"),
    path("ingest/audits/<int:pk>/again/", audit_pages.again, name="audit-again"),
    path("ingest/pace/reset/", views.reset_pace, name="reset-pace"),
    path("insights/", insights.overview, name="insights"),
    path("insights/suggester/", suggester.overview, name="suggester"),
    path("insights/candidates/", candidate_pages.candidates, name="candidates"),
    path("insights/candidates/<int:pk>/", candidate_pages.judge, name="judge-candidate"),
    path("insights/candidates/<str:name>/", candidate_pages.candidate, name="candidate"),
    path(
        "insights/candidates/<str:name>/comments/",
        candidate_pages.talk,
        name="candidate-comments",
    ),
    path("insights/suggester/target/", suggester.set_target, name="set-target"),
    path("insights/suggester/order/", suggester.set_order, name="set-order"),
    path("insights/suggester/use/<int:number>/", suggester.use, name="use-suggester"),
    path("insights/suggester/again/", suggester.suggest_again, name="suggest-again"),
]
