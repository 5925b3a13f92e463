"""Pages about how papers get in."""

from django.urls import URLPattern, URLResolver, path

from ingest import views
from ingest.suggest import views as suggester

app_name = "ingest"
urlpatterns: list[URLPattern | URLResolver] = [
    path("ingest/", views.overview, name="overview"),
    path("ingest/runs/<int:pk>/", views.run, name="run"),
    path("ingest/runs/<int:pk>/again/", views.again, name="again"),
    path("ingest/queries/<slug:slug>/pull/", views.pull_now, name="pull"),
    path("ingest/queries/<slug:slug>/enabled/", views.set_enabled, name="enabled"),
    path("ingest/pace/reset/", views.reset_pace, name="reset-pace"),
    path("insights/suggester/", suggester.overview, name="suggester"),
    path("insights/candidates/", suggester.candidates, name="candidates"),
    path("insights/candidates/<int:pk>/", suggester.judge_candidate, name="judge-candidate"),
    path("insights/suggester/target/", suggester.set_target, name="set-target"),
    path("insights/suggester/use/<int:number>/", suggester.use, name="use-suggester"),
    path("insights/suggester/again/", suggester.suggest_again, name="suggest-again"),
]
