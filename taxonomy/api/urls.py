"""REST, version 1."""

from django.urls import URLPattern, URLResolver, path

from taxonomy import converters  # noqa: F401  (the paths below name one)
from taxonomy.api import schema  # noqa: F401  (the description of the API finds it by import)
from taxonomy.api.views import (
    agreement,
    batches,
    comments,
    concepts,
    decisions,
    docs,
    export,
    following,
    history,
    inbox,
    papers,
    review,
    stats,
    trail,
)

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("v1/", docs.Root.as_view(), name="root"),
    path("v1/schema/", docs.Description.as_view(), name="schema"),
    path("v1/challenges/", concepts.Challenges.as_view(), name="challenges"),
    path("v1/challenges/<slug:slug>/", concepts.OneChallenge.as_view(), name="challenge"),
    path("v1/domains/", concepts.Domains.as_view(), name="domains"),
    path("v1/domains/<slug:slug>/", concepts.OneDomain.as_view(), name="domain"),
    path("v1/concepts/", concepts.Concepts.as_view(), name="concepts"),
    path("v1/concepts/<slug:slug>/", concepts.OneConcept.as_view(), name="concept"),
    path("v1/papers/", papers.Papers.as_view(), name="papers"),
    path("v1/papers/<arxiv_id:arxiv_id>/", papers.OnePaper.as_view(), name="paper"),
    path("v1/papers/<arxiv_id:arxiv_id>/versions/", papers.Versions.as_view(), name="versions"),
    path(
        "v1/papers/<arxiv_id:arxiv_id>/suggestions/",
        papers.Suggestions.as_view(),
        name="suggestions",
    ),
    path(
        "v1/papers/<arxiv_id:arxiv_id>/decisions/",
        decisions.Decisions.as_view(),
        name="decisions",
    ),
    path(
        "v1/papers/<arxiv_id:arxiv_id>/comments/",
        comments.OfPaper.as_view(),
        name="paper-comments",
    ),
    path(
        "v1/concepts/<slug:slug>/comments/",
        comments.OfConcept.as_view(),
        name="concept-comments",
    ),
    path("v1/comments/<int:pk>/", comments.OneComment.as_view(), name="comment"),
    path("v1/following/", following.Following.as_view(), name="following"),
    path("v1/following/<int:pk>/", following.OneFollow.as_view(), name="follow"),
    path("v1/inbox/", inbox.Inbox.as_view(), name="inbox"),
    path("v1/inbox/read/", inbox.ReadAll.as_view(), name="inbox-read"),
    path("v1/inbox/<int:pk>/read/", inbox.ReadOne.as_view(), name="inbox-read-one"),
    path("v1/decisions/", trail.AllDecisions.as_view(), name="decisions-all"),
    path("v1/trail/head/", trail.Head.as_view(), name="trail-head"),
    path("v1/batches/", batches.Batches.as_view(), name="batches"),
    path("v1/batches/<uuid:pk>/", batches.OneBatch.as_view(), name="batch"),
    path("v1/batches/<uuid:pk>/items/", batches.Items.as_view(), name="batch-items"),
    path("v1/batches/<uuid:pk>/undo/", batches.Undo.as_view(), name="batch-undo"),
    path("v1/tags/", history.Tags.as_view(), name="tags"),
    path("v1/editions/", history.Editions.as_view(), name="editions"),
    path("v1/changes/", history.Changes.as_view(), name="changes"),
    path("v1/stats/trends/", stats.Trends.as_view(), name="trends"),
    path("v1/stats/matrix/", stats.Matrix.as_view(), name="matrix"),
    path("v1/stats/agreement/", agreement.Agreement.as_view(), name="agreement"),
    path("v1/review/next/", review.NextPaper.as_view(), name="review-next"),
    path("v1/export/papers/", export.ExportPapers.as_view(), name="export-papers"),
    path("v1/export/decisions/", export.ExportDecisions.as_view(), name="export-decisions"),
    path("v1/export/tags/", export.ExportTags.as_view(), name="export-tags"),
    path("v1/export/concepts/", export.ExportConcepts.as_view(), name="export-concepts"),
    path("v1/export/challenges/", export.ExportChallenges.as_view(), name="export-challenges"),
    path("v1/export/domains/", export.ExportDomains.as_view(), name="export-domains"),
]
