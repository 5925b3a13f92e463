"""When inboxes are filled and digests sent. Short, and safe to run twice or side by side."""

import logging

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from taxonomy.talk import digests, gathering, inbox

logger = logging.getLogger(__name__)

AT_ONCE = 50  # e-mails a task
# The first wait after an attempt is longer: nobody sends what another is still sending.
SOFT_LIMIT, HARD_LIMIT = 240, 270  # seconds


@shared_task(ignore_result=True)
def fill_inboxes() -> None:
    if told := gathering.gather():
        logger.info("%s notices are new", told)


@shared_task(ignore_result=True)
def forget_notices() -> None:
    """Delete what was read long ago."""
    inbox.forget_old()


@shared_task(ignore_result=True, soft_time_limit=SOFT_LIMIT, time_limit=HARD_LIMIT)
def send_digests() -> None:
    """Line up what is due and send it; what is not taken has its next time in its row."""
    if lined_up := digests.line_up(timezone.now()):
        logger.info("%s digests are lined up", lined_up)
    try:
        for _ in range(AT_ONCE):
            if not digests.send_next():
                return
    except SoftTimeLimitExceeded:
        logger.warning("Sending digests took too long; the rest waits")
