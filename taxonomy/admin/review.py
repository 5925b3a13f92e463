"""Papers, and what was decided on them: to look at. One decides on the review desk."""

from django.contrib import admin

from taxonomy.admin.rights import ReadOnly
from taxonomy.models import Decision, Paper, Tag


@admin.register(Paper)
class PaperAdmin(ReadOnly):
    list_display = ("arxiv_id", "title_plain", "version", "published_at", "withdrawn")
    search_fields = ("=arxiv_id",)
    search_help_text = "arXiv id"
    ordering = ("-published_at", "-id")
    exclude = ("search",)


@admin.register(Decision)
class DecisionAdmin(ReadOnly):
    list_display = ("id", "paper", "concept", "verdict", "actor", "actor_name", "created_at")
    list_filter = ("verdict", "actor_kind")
    list_select_related = ("paper", "concept", "actor")
    search_fields = ("=paper__arxiv_id", "=concept__slug")
    ordering = ("-id",)


@admin.register(Tag)
class TagAdmin(ReadOnly):
    list_display = ("paper", "concept", "direct", "published_at")
    list_filter = ("direct",)
    list_select_related = ("paper", "concept")
    search_fields = ("=paper__arxiv_id", "=concept__slug")
    ordering = ("-id",)
