"""What curators set for their own desk, and the queues they come back to."""

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class DeskSettings(models.Model):
    """Keys and goal of one curator; who has set nothing has no row."""

    curator = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="desk"
    )
    keys = models.JSONField(
        default=dict, help_text=_("Key by act, for the acts that have another than ours.")
    )
    daily_goal = models.PositiveSmallIntegerField(
        null=True, validators=[MinValueValidator(1)], help_text=_("Papers closed in a day.")
    )

    class Meta:
        verbose_name_plural = _("desk settings")

    def __str__(self) -> str:
        return f"desk of {self.curator_id}"


class SavedView(models.Model):
    """A queue under a curator's own name. What it asks for is its address, for anyone."""

    curator = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=500, blank=True, help_text=_("As in the address."))
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["curator", "name"], name="a_view_has_one_name"),
        ]

    def __str__(self) -> str:
        return self.name
