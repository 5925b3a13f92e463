"""What allauth asks us: who may join, how mail leaves, what is kept of a sign-in."""

from functools import partial
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import login
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext

from taxonomy import session_store
from taxonomy.models import User
from taxonomy.people import encryption
from taxonomy.tasks import send_mail
from taxonomy.views.http import client_address, home_of

BACKEND = "taxonomy.people.backend.Members"
AGENT_LENGTH = 200


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
        # Who came in a moment ago need not show at once again that it is them.
        record_authentication(request, user, "sign-in", reauthenticated=True)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        return home_of(request.user)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        words = {"mfa_reauthenticate:webauthn": gettext("Use a passkey")}
        found: list[dict[str, str]] = super().get_reauthentication_methods(user)
        return [
            one | {"description": words.get(one["id"], one["description"])} for one in found
        ]

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Leaves by a task: nobody waits for a mail server."""
        message: EmailMessage = self.render_mail(template_prefix, email, context)
        values = (str(message.subject), str(message.body), list(message.to))
        transaction.on_commit(partial(send_mail.delay, *values))


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors and passkeys."""

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        """What a device shows beside the passkey: the name, never the e-mail address."""
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return entity | {"name": user.username, "display_name": user.username}

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return encryption.decrypt(encrypted_text)


class Identities(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """An identity elsewhere signs in the account that it was connected with, and makes none."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False
