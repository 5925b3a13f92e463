"""When alarms are looked for, and told. Short, and safe to run twice or side by side."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded

from ingest import alarms, refusals
from ingest.alarms import delivery

logger = logging.getLogger(__name__)

AT_ONCE = 20  # messages a task
# A server that answers drop by drop must not keep a worker.
SOFT_LIMIT, HARD_LIMIT = 120, 150  # seconds


@shared_task(ignore_result=True)
def check_alarms() -> None:
    """Look for what is wrong, and for refusals that need nobody any more."""
    if settled := refusals.settle_known():
        logger.info("%s refusals needed nobody any more", settled)
    alarms.check()


@shared_task(ignore_result=True, soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def deliver_alarms() -> None:
    """Send what is due; what is not received has its next time in its row."""
    try:
        for _ in range(AT_ONCE):
            if not delivery.deliver_next():
                return
    except SoftTimeLimitExceeded:
        logger.warning("Telling of alarms took too long; the rest waits")
