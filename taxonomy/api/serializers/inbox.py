"""Notices as the API tells them: in words, and what they are about."""

from typing import Any

from rest_framework import serializers

from taxonomy.api.addresses import comment_page, page_of
from taxonomy.models import Notice
from taxonomy.talk.words import Said, say
from taxonomy.vocabulary import Vocabulary


class NoticeSerializer(serializers.ModelSerializer[Notice]):
    """What happened to something you follow. Reads what `with_words` brings; its context has
    the request and the `vocabulary`.
    """

    what = serializers.SerializerMethodField(help_text="What happened, in words.")
    title = serializers.SerializerMethodField(help_text="Of what it happened to.")
    excerpt = serializers.SerializerMethodField(help_text="Of a comment that stands.")
    page = serializers.SerializerMethodField(help_text="For people.")
    paper = serializers.SerializerMethodField(help_text="arXiv id.")
    concept = serializers.SerializerMethodField(help_text="Slug, where it is about no paper.")
    decision = serializers.IntegerField(source="decision_id", allow_null=True)
    comment = serializers.IntegerField(source="comment_id", allow_null=True)

    class Meta:
        model = Notice
        fields = (
            *("id", "kind", "what", "title", "excerpt", "page", "paper", "concept"),
            *("decision", "comment", "version", "at", "read_at"),
        )
        read_only_fields = fields

    def get_what(self, notice: Notice) -> str:
        return self._said(notice).what

    def get_title(self, notice: Notice) -> str:
        return self._said(notice).title

    def get_excerpt(self, notice: Notice) -> str:
        return self._said(notice).excerpt

    def get_page(self, notice: Notice) -> str:
        if notice.comment_id:
            return comment_page(self.context["request"], notice.comment_id)
        terms: Vocabulary = self.context["vocabulary"]
        shown = notice.paper or terms.by_id[notice.concept_id or 0]
        return page_of(self.context["request"], shown)

    def get_paper(self, notice: Notice) -> str | None:
        return notice.paper.arxiv_id if notice.paper else None

    def get_concept(self, notice: Notice) -> str | None:
        terms: Vocabulary = self.context["vocabulary"]
        if notice.paper or notice.concept_id is None:
            return None
        return terms.by_id[notice.concept_id].slug

    def _said(self, notice: Notice) -> Said:
        return say(notice, self.context["vocabulary"])


class ReadSerializer(serializers.Serializer[dict[str, Any]]):
    """Up to which notice all is read."""

    until = serializers.IntegerField(
        min_value=1, max_value=2**63 - 1, help_text="Id of the newest that was seen."
    )


class MarkedSerializer(serializers.Serializer[dict[str, Any]]):
    marked = serializers.IntegerField(help_text="How many were unread until now.")
    unread = serializers.IntegerField(help_text="How many still are.")
