"""The pages of the atlas."""

from django.urls import URLPattern, URLResolver, path

from taxonomy import converters  # noqa: F401  (the paths below name one)
from taxonomy.api.views import docs
from taxonomy.views import (
    atlas,
    bulk,
    concepts,
    desks,
    feeds,
    machines,
    papers,
    queues,
    review,
    second,
    trail,
)

app_name = "taxonomy"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", atlas.atlas, name="atlas"),
    path("challenges/", concepts.challenges, name="challenges"),
    path("challenges/<slug:slug>/", concepts.challenge, name="challenge"),
    path("domains/", concepts.domains, name="domains"),
    path("domains/<slug:slug>/", concepts.domain, name="domain"),
    path("papers/", papers.papers, name="papers"),
    path("papers/<arxiv_id:arxiv_id>/", papers.paper, name="paper"),
    path("review/", review.review, name="review"),
    path("review/undo/", review.undo, name="review-undo"),
    path("review/concepts/", review.concepts, name="review-concepts"),
    path("review/settings/", desks.settings, name="review-settings"),
    path("review/queues/", queues.queues, name="review-queues"),
    path("review/queues/save/", queues.save, name="review-save-view"),
    path("review/queues/<int:pk>/remove/", queues.remove, name="review-remove-view"),
    path("review/bulk/", bulk.select, name="bulk"),
    path("review/<arxiv_id:arxiv_id>/", review.review_paper, name="review-paper"),
    path("review/<arxiv_id:arxiv_id>/decide/", review.decide, name="review-decide"),
    path("review/<arxiv_id:arxiv_id>/rest/", review.decide_rest, name="review-rest"),
    path("review/<arxiv_id:arxiv_id>/finish/", review.finish, name="review-finish"),
    path("review/<arxiv_id:arxiv_id>/skip/", review.skip, name="review-skip"),
    path("readings/", second.reading, name="reading"),
    path("readings/<int:pk>/", second.judge, name="judge"),
    path("readings/disputes/", second.disputes, name="disputes"),
    path("readings/<int:pk>/settle/", second.settle, name="settle"),
    path("readings/share/", second.set_share, name="set-share"),
    path("readings/gold/<arxiv_id:arxiv_id>/", second.mark_gold, name="mark-gold"),
    path("insights/agreement/", second.agreement, name="agreement"),
    path("account/work/", second.own, name="own-work"),
    path("trail/", trail.overview, name="trail"),
    path("trail/name/", trail.show_name, name="show-name"),
    path("trail/revert/", trail.revert, name="revert"),
    path("trail/batches/", bulk.overview, name="batches"),
    path("trail/batches/<uuid:pk>/", bulk.batch, name="batch"),
    path("trail/batches/<uuid:pk>/go-on/", bulk.go_on, name="batch-go-on"),
    path("trail/batches/<uuid:pk>/undo/", bulk.undo, name="batch-undo"),
    path("feeds/papers/", feeds.papers, name="feed-papers"),
    path("feeds/challenges/<slug:slug>/", feeds.challenge, name="feed-challenge"),
    path("feeds/domains/<slug:slug>/", feeds.domain, name="feed-domain"),
    path("api/docs/", docs.docs, name="api-docs"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
]
