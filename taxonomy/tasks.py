"""What need not be waited for."""

from smtplib import SMTPException

from celery import shared_task
from django.core.mail import EmailMessage

from taxonomy import second_readings
from taxonomy.session_store import SessionStore


@shared_task(
    autoretry_for=(OSError, SMTPException),
    retry_backoff=10,  # seconds, doubling
    max_retries=4,
    ignore_result=True,
)
def send_mail(subject: str, body: str, to: list[str]) -> None:
    """One e-mail, or none when it is to nobody."""
    if to:
        EmailMessage(subject, body, to=to).send()


@shared_task(ignore_result=True)
def forget_sessions() -> None:
    """Delete the sessions that have run out."""
    SessionStore.clear_expired()


@shared_task(ignore_result=True)
def open_second_readings() -> int:
    """Of the papers screened lately, those that a second curator shall read."""
    return second_readings.open_drawn()
