"""What allauth asks us: who may join, how mail leaves, what is kept of a sign-in."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import login
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.utils import timezone

from taxonomy import session_store
from taxonomy.models import User
from taxonomy.tasks import send_mail
from taxonomy.views.http import client_address, home_of

BACKEND = "django.contrib.auth.backends.ModelBackend"
AGENT_LENGTH = 200
TO_NOBODY = "account/email/unknown_account"


class Accounts(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts come from invitations and commands, never from a form that anyone may send."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_stages(self) -> list[str]:
        """Without the one that asks for an e-mail address: an account need not have any."""
        return [
            "allauth.account.stages.LoginByCodeStage",
            "allauth.mfa.stages.AuthenticateStage",
        ]

    def login(self, request: HttpRequest, user: User) -> None:
        login(request, user, backend=BACKEND)
        request.session[session_store.BEGAN] = timezone.now().isoformat()
        request.session[session_store.ADDRESS] = client_address(request) or None
        agent = request.META.get("HTTP_USER_AGENT", "")
        request.session[session_store.AGENT] = agent[:AGENT_LENGTH]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user)

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leaves by a task. To an address without an account a task goes too, and sends
        nothing: how long the answer takes must not tell who has an account."""
        message: EmailMessage = self.render_mail(template_prefix, email, context)
        to = [] if template_prefix == TO_NOBODY else list(message.to)
        send_mail.delay(str(message.subject), str(message.body), to)


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors and passkeys."""

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """What a device shows beside the passkey: the name, never the e-mail address."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.username, "display_name": user.username}


class Identities(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An identity elsewhere signs in the account that it was connected with, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
