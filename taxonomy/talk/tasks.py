"""When inboxes are filled. Short, and safe to run twice or side by side."""

import logging

from celery import shared_task

from taxonomy.talk import gathering, inbox

logger = logging.getLogger(__name__)


@shared_task(ignore_result=True)
def fill_inboxes() -> None:
    if told := gathering.gather():
        logger.info("%s notices are new", told)


@shared_task(ignore_result=True)
def forget_notices() -> None:
    """Delete what was read long ago."""
    inbox.forget_old()
