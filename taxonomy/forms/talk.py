"""What is sent by the pages of talk."""

from django import forms
from django.utils.translation import gettext_lazy as _

from taxonomy import vocabulary
from taxonomy.models import Language, Paper, Subscription
from taxonomy.models.talk import COMMENT_LENGTH, SEARCH_LENGTH
from taxonomy.talk.comments import tidy
from taxonomy.talk.following import Target


class FollowForm(forms.Form):
    """One of the three; a search has been tidied by whoever made the form."""

    concept = forms.SlugField(required=False, max_length=80)
    paper = forms.CharField(required=False, max_length=40)
    search = forms.CharField(required=False, max_length=SEARCH_LENGTH)

    def target(self) -> Target | None:
        """What is to be followed; None if there is no such thing. The form is valid."""
        given = self.cleaned_data
        if given["concept"]:
            term = vocabulary.current().by_slug.get(given["concept"])
            return Target(concept=term.id) if term and not term.deprecated else None
        if given["paper"]:
            ids = Paper.objects.filter(arxiv_id=given["paper"]).values_list("pk", flat=True)
            found = ids.first()
            return Target(paper=found) if found else None
        return Target(search=given["search"]) if given["search"] else None


class CommentForm(forms.Form):
    """A comment as it is written."""

    text = forms.CharField(
        label=_("Your comment"),
        max_length=COMMENT_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Plain text. @name tells somebody; addresses become links."),
        error_messages={"required": _("Write something first.")},
    )

    def clean_text(self) -> str:
        text = tidy(self.cleaned_data["text"])
        if not text:
            raise forms.ValidationError(_("Write something first."))
        return text


class NewCommentForm(CommentForm):
    """With a key of its own, so that sending it twice says it once."""

    key = forms.UUIDField(widget=forms.HiddenInput)


class SubscriptionForm(forms.Form):
    """How often an e-mail comes, and in which language."""

    every = forms.ChoiceField(label=_("How often"), choices=Subscription.Every.choices)
    language = forms.ChoiceField(label=_("Language"), choices=Language.choices)
