"""The pages of the atlas."""

from django.urls import URLPattern, URLResolver, path

from taxonomy import converters  # noqa: F401  (the paths below name one)
from taxonomy.api.views import docs
from taxonomy.views import atlas, concepts, desks, feeds, machines, papers, queues, review

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
    path("review/<arxiv_id:arxiv_id>/", review.review_paper, name="review-paper"),
    path("review/<arxiv_id:arxiv_id>/decide/", review.decide, name="review-decide"),
    path("review/<arxiv_id:arxiv_id>/rest/", review.decide_rest, name="review-rest"),
    path("review/<arxiv_id:arxiv_id>/finish/", review.finish, name="review-finish"),
    path("review/<arxiv_id:arxiv_id>/skip/", review.skip, name="review-skip"),
    path("feeds/papers/", feeds.papers, name="feed-papers"),
    path("feeds/challenges/<slug:slug>/", feeds.challenge, name="feed-challenge"),
    path("feeds/domains/<slug:slug>/", feeds.domain, name="feed-domain"),
    path("api/docs/", docs.docs, name="api-docs"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
]
