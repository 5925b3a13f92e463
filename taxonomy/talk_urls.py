"""Following, the inbox, comments and what is sent of them."""

from django.urls import URLPattern, path

from taxonomy import converters  # noqa: F401  (the paths below name one)
from taxonomy.views import comments, feeds, following, inbox, subscriptions

urlpatterns: list[URLPattern] = [
    path("following/", following.overview, name="following"),
    path("following/follow/", following.follow, name="follow"),
    path("following/<int:pk>/stop/", following.unfollow, name="unfollow"),
    path("following/mail/", subscriptions.by_mail, name="digest"),
    path("following/feed/", subscriptions.feed_address, name="feed-address"),
    path("feeds/following/<str:secret>/", feeds.mine, name="feed-following"),
    path("unsubscribe/<str:token>/", subscriptions.unsubscribe, name="unsubscribe"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox-read"),
    path("inbox/<int:pk>/read/", inbox.read_one, name="inbox-read-one"),
    path("papers/<arxiv_id:arxiv_id>/comments/", comments.of_paper, name="paper-comments"),
    path("challenges/<slug:slug>/comments/", comments.of_challenge, name="challenge-comments"),
    path("domains/<slug:slug>/comments/", comments.of_domain, name="domain-comments"),
    path("comments/<int:pk>/", comments.comment, name="comment"),
    path("comments/<int:pk>/edit/", comments.edit, name="comment-edit"),
    path("comments/<int:pk>/delete/", comments.delete, name="comment-delete"),
    path("comments/<int:pk>/hide/", comments.hide, name="comment-hide"),
]
