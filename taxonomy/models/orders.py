"""In which order papers come to the desk: what an editor set, what a curator may choose."""

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from taxonomy.models.composed import fetch


class Order(models.TextChoices):
    """What of the queue helps most. Each order is a column of Screening with an index."""

    LIKELY = "likely", _("likely first")
    UNCERTAIN = "uncertain", _("uncertain first")
    MIXED = "mixed", _("likely and uncertain in turn")
    RARE = "rare", _("rare concepts first")

    @property
    def column(self) -> str:
        """Of Screening: higher comes first."""
        return {"likely": "priority", "uncertain": "uncertainty"}.get(self.value, self.value)


class QueuePolicyManager(models.Manager["QueuePolicy"]):
    def order(self) -> Order:
        """What holds for everyone who has not chosen."""
        found = fetch('SELECT "order" FROM taxonomy_queuepolicy WHERE id = 1')
        return Order(found[0][0]) if found else Order.LIKELY


class QueuePolicy(models.Model):
    """The one row that says in which order papers come to the desk."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    order = models.CharField(max_length=10, choices=Order, default=Order.LIKELY)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(default=timezone.now)

    objects = QueuePolicyManager()

    class Meta:
        verbose_name_plural = _("queue policies")
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_queue_policy"),
        ]

    def __str__(self) -> str:
        return str(self.get_order_display())
