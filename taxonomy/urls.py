"""The pages of the atlas."""

from django.urls import URLPattern, URLResolver, path, register_converter

from taxonomy.views import atlas, concepts, machines, papers, review


class ArxivId:
    """2307.10169, math/0611800; with a version or a subject class the view redirects."""

    regex = r"[0-9]{4}\.[0-9]{4,5}(?:v[0-9]+)?|[a-z-]+(?:\.[A-Z]{2})?/[0-9]{7}(?:v[0-9]+)?"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ArxivId, "arxiv_id")

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
    path("review/<arxiv_id:arxiv_id>/", review.review_paper, name="review-paper"),
    path("review/<arxiv_id:arxiv_id>/decide/", review.decide, name="review-decide"),
    path("review/<arxiv_id:arxiv_id>/rest/", review.decide_rest, name="review-rest"),
    path("review/<arxiv_id:arxiv_id>/finish/", review.finish, name="review-finish"),
    path("review/<arxiv_id:arxiv_id>/skip/", review.skip, name="review-skip"),
    path("sitemap.xml", machines.sitemap, name="sitemap"),
    path("robots.txt", machines.robots, name="robots"),
]
