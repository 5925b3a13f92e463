"""REST, version 1: how papers get in, and what the machine thinks of them."""

from django.urls import URLPattern, URLResolver, path

from ingest.api import candidates, views

app_name = "ingest-api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("runs/", views.Runs.as_view(), name="runs"),
    path("runs/<int:pk>/", views.OneRun.as_view(), name="run"),
    path("stats/unseen/", views.Unseen.as_view(), name="unseen"),
    path(
        "candidates/<str:name>/comments/",
        candidates.OfCandidate.as_view(),
        name="candidate-comments",
    ),
    path("suggest/", views.Suggest.as_view(), name="suggest"),
]
