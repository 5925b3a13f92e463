"""Links that sign someone in once, and where this machine reaches the site."""

from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from taxonomy.models import LoginLink, User
from taxonomy.models.people import hash_secret, new_secret


def make_login_link(user: User, minutes: int = 60) -> str:
    """The secret of a link that signs this person in once."""
    secret = new_secret("kadai_login")
    LoginLink.objects.create(
        user=user,
        secret_hash=hash_secret(secret),
        expires_at=timezone.now() + timedelta(minutes=minutes),
    )
    return secret


def login_url(secret: str) -> str:
    """The address of a login link, as a browser on this machine reaches the site."""
    with translation.override(settings.LANGUAGE_CODE):
        path = reverse("login-link", args=[secret])
    return site_url() + path


def site_url() -> str:
    """The root of the site as this machine reaches it, without a slash at the end."""
    host = settings.KADAI_HOST
    if host in {"0.0.0.0", "::", "[::]"}:  # every interface: name one
        host = "127.0.0.1"
    if ":" in host and not host.startswith("["):
        host = f"[{host}]"
    scheme = "https" if settings.HTTPS else "http"
    return f"{scheme}://{host}:{settings.KADAI_PORT}"


def public_url() -> str:
    """The root that people use, where the settings say it; else this machine's."""
    public = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
    return public[0].rstrip("/") if public else site_url()


def find_login_link(secret: str) -> LoginLink | None:
    """The link, if it would still sign someone in; nothing is used up. One query."""
    links = LoginLink.objects.usable().select_related("user")
    return links.filter(secret_hash=hash_secret(secret), user__is_active=True).first()


def redeem(secret: str) -> User | None:
    """Use a login link up; whom it signs in, or None. Of two at once, one gets in."""
    # No join here: PostgreSQL rechecks only this row after it waited for another transaction.
    links = LoginLink.objects.usable().filter(secret_hash=hash_secret(secret))
    if not links.update(used_at=timezone.now()):
        return None
    user = User.objects.get(login_links__secret_hash=hash_secret(secret))
    return user if user.is_active else None
