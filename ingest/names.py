"""Names of people that stand in the ingest's tables as words."""

from ingest.models import ConceptCandidate, Harvest, HarvestNote, SuggesterPolicy

STOPPED_BY = "stopped by {}"


def rename(old: str, new: str) -> None:
    """An account is called otherwise now: also in what it did here."""
    ConceptCandidate.objects.filter(dismissed_by=old).update(dismissed_by=new)
    SuggesterPolicy.objects.filter(changed_by=old).update(changed_by=new)
    before, after = STOPPED_BY.format(old), STOPPED_BY.format(new)
    Harvest.objects.filter(error=before).update(error=after)
    HarvestNote.objects.filter(text=before).update(text=after)
