"""What happened to what one follows, by e-mail: every day, every Monday, or never.

A period begins at six in the morning, UTC. Its e-mail is lined up once, and only if something
is unread; who sends it counts the attempt first, so that a process that dies in it is followed
by another, and two never send the same.
"""

from datetime import date, datetime, timedelta

from allauth.account.models import EmailAddress
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import connection, transaction
from django.utils import timezone

from taxonomy.models import Digest, Notice, Subscription, User
from taxonomy.talk.letter import letter

BEGINS = timedelta(hours=6)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=5), timedelta(hours=6)
MOST_ATTEMPTS = 8
SALT = "taxonomy.talk.digests.unsubscribe"

LINE_UP = """
WITH due AS (
    SELECT s.user_id, s.told_until, p.period, greatest(s.told_until, coalesce(
        (SELECT max(n.id) FROM taxonomy_notice n WHERE n.user_id = s.user_id), 0)) AS until
    FROM taxonomy_subscription s JOIN taxonomy_user u ON u.id = s.user_id AND u.is_active,
    LATERAL (SELECT CASE s.every WHEN 'day' THEN %(day)s::date ELSE %(week)s::date END
             AS period) p
    WHERE s.every <> 'never' AND (s.period IS NULL OR s.period < p.period)
    FOR UPDATE OF s SKIP LOCKED
), moved AS (
    UPDATE taxonomy_subscription s SET period = d.period, told_until = d.until
    FROM due d WHERE d.user_id = s.user_id
)
INSERT INTO taxonomy_digest (user_id, period, after, until, attempts, not_before, error)
SELECT d.user_id, d.period, d.told_until, d.until, 0, clock_timestamp(), '' FROM due d
WHERE EXISTS (SELECT FROM taxonomy_notice n WHERE n.user_id = d.user_id
              AND n.id > d.told_until AND n.id <= d.until AND n.read_at IS NULL)
ON CONFLICT (user_id, period) DO NOTHING
"""


@transaction.atomic
def subscribe(user: User, every: str, language: str) -> Subscription:
    """From the next period on; what happened before is not sent."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row, _made = Subscription.objects.get_or_create(user=user)
    if row.every == Subscription.Every.NEVER:
        newest = Notice.objects.filter(user=user).order_by("-pk")
        row.told_until = newest.values_list("pk", flat=True).first() or 0
    if row.every != every:
        row.period = period_of(every, timezone.now())
    row.every, row.language = every, language
    row.save(update_fields=["every", "language", "period", "told_until"])
    return row


def unsubscribe(user_id: int) -> bool:
    """Whether they got e-mails until now; what is lined up is not sent any more."""
    rows = Subscription.objects.filter(user=user_id).exclude(every=Subscription.Every.NEVER)
    return bool(rows.update(every=Subscription.Every.NEVER))


def token_of(user_id: int) -> str:
    """What the link in every e-mail carries: it can end them, and nothing else."""
    return signing.Signer(salt=SALT).sign(str(user_id))


def user_of(token: str) -> int | None:
    """Whose e-mails the link ends; None if nobody wrote it here."""
    try:
        return int(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        return None


def period_of(every: str, now: datetime) -> date:
    """The day by which the period is called: itself, or the Monday of its week."""
    day = (now - BEGINS).date()
    return day if every != Subscription.Every.WEEK else day - timedelta(days=day.weekday())


def line_up(now: datetime) -> int:
    """The e-mails of periods that have ended; how many. Of two at once, one lines up each."""
    every = Subscription.Every
    values = {"day": period_of(every.DAY, now), "week": period_of(every.WEEK, now)}
    with connection.cursor() as cursor:
        cursor.execute(LINE_UP, values)
        return int(cursor.rowcount)


def send_next() -> bool:
    """Send the e-mail that is due longest; False if none is. Not inside a transaction."""
    digest = _claim()
    if digest is None:
        return False
    row = Digest.objects.filter(pk=digest.pk)
    message, reason = _message(digest)
    if message is None:
        row.update(given_up_at=timezone.now(), error=reason)
        return True
    try:
        message.send()
    except (OSError, ValueError) as error:
        over = digest.attempts >= MOST_ATTEMPTS
        said = f"{type(error).__name__}: {error}"[:300]
        row.update(error=said, given_up_at=timezone.now() if over else None)
    else:
        row.update(error="", sent_at=timezone.now())
    return True


@transaction.atomic
def _claim() -> Digest | None:
    """The next one, its attempt counted; who comes second gets another."""
    waiting = Digest.objects.filter(
        sent_at__isnull=True, given_up_at__isnull=True, not_before__lte=timezone.now()
    )
    locked = waiting.select_for_update(skip_locked=True).order_by("not_before", "pk")
    digest = locked.first()
    if digest is None:
        return None
    wait = min(FIRST_WAIT * (1 << min(digest.attempts, 20)), LONGEST_WAIT)
    digest.attempts += 1
    digest.not_before = timezone.now() + wait
    digest.save(update_fields=["attempts", "not_before"])
    return digest


def _message(digest: Digest) -> tuple[EmailMultiAlternatives | None, str]:
    """The e-mail, or why there is none any more."""
    subscription = Subscription.objects.select_related("user").get(user=digest.user_id)
    if subscription.every == Subscription.Every.NEVER or not subscription.user.is_active:
        return None, "not wanted any more"
    addresses = EmailAddress.objects.filter(user=digest.user_id, verified=True)
    address = addresses.order_by("-primary", "pk").first()
    if address is None:
        return None, "no confirmed address"
    notices = Notice.objects.filter(
        user=digest.user_id, pk__gt=digest.after, pk__lte=digest.until
    )
    unread = notices.unread().with_words()
    if not unread.exists():
        return None, "all read meanwhile"
    return letter(digest, subscription, unread, address.email, token_of(digest.user_id)), ""
