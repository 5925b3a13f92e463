"""Comments as the API shows and takes them."""

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from taxonomy.api.addresses import comment_page
from taxonomy.models import Comment
from taxonomy.models.talk import COMMENT_LENGTH
from taxonomy.talk.comments import tidy


class CommentSerializer(serializers.ModelSerializer[Comment]):
    """Reads comment.author. Its context has the request, and in `may_hide` whether whoever
    asks sees what is hidden.
    """

    author = serializers.CharField(source="author.username")
    text = serializers.SerializerMethodField(
        help_text="Plain; null if it was deleted, or hidden from you."
    )
    deleted = serializers.SerializerMethodField(help_text="By its author.")
    hidden = serializers.SerializerMethodField(help_text="By an editor.")
    page = serializers.SerializerMethodField(help_text="For people.")

    class Meta:
        model = Comment
        fields = (
            *("id", "author", "text", "created_at", "edited_at"),
            *("deleted", "hidden", "page"),
        )
        read_only_fields = fields

    def get_text(self, comment: Comment) -> str | None:
        own = comment.author_id == self.context["request"].user.pk
        if comment.deleted_at or (comment.hidden_at and not (own or self.context["may_hide"])):
            return None
        return comment.text

    def get_deleted(self, comment: Comment) -> bool:
        return comment.deleted_at is not None

    def get_hidden(self, comment: Comment) -> bool:
        return comment.hidden_at is not None

    def get_page(self, comment: Comment) -> str:
        return comment_page(self.context["request"], comment.pk)


class NewCommentSerializer(serializers.Serializer[dict[str, Any]]):
    text = serializers.CharField(
        max_length=COMMENT_LENGTH, help_text="Plain text; @name tells somebody."
    )

    def validate_text(self, text: str) -> str:
        return tidy(text)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if unknown := set(self.initial_data) - set(self.fields):
            message = _("This field is not known.")
            raise serializers.ValidationError(dict.fromkeys(sorted(unknown), message))
        return attrs
