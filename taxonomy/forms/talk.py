"""What is sent by the pages of talk."""

from django import forms

from taxonomy import vocabulary
from taxonomy.models import Paper
from taxonomy.models.talk import SEARCH_LENGTH
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
