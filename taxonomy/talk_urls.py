"""Following, the inbox, comments and what is sent of them."""

from django.urls import URLPattern, path

from taxonomy import converters  # noqa: F401  (the paths below name one)
from taxonomy.views import following, inbox

urlpatterns: list[URLPattern] = [
    path("following/", following.overview, name="following"),
    path("following/follow/", following.follow, name="follow"),
    path("following/<int:pk>/stop/", following.unfollow, name="unfollow"),
    path("inbox/", inbox.inbox, name="inbox"),
    path("inbox/read/", inbox.read_all, name="inbox-read"),
    path("inbox/<int:pk>/read/", inbox.read_one, name="inbox-read-one"),
]
