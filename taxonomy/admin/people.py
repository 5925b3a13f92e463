"""Accounts and their tokens. A secret is never shown; a token is revoked, not edited."""

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from taxonomy.admin.rights import ReadOnly
from taxonomy.models import ApiToken, User

# They would show the secrets of authenticator apps, and are changed on the account's own page.
admin.site.unregister([EmailAddress, Authenticator, SocialApp, SocialToken, SocialAccount])


@admin.register(User)
class AccountAdmin(UserAdmin):  # type: ignore[type-arg]  # not generic at run time
    """To look at; superusers also write. Roles are given under /people/: whoever could edit
    accounts here could make themselves superusers."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    """Made with `manage.py create_token`, which shows the secret once."""

    list_display = ("name", "user", "scope", "hint", "last_used_at", "expires_at", "revoked_at")
    list_filter = ("scope",)
    list_select_related = ("user",)
    exclude = ("secret_hash",)
    actions = ("revoke",)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        if not request.user.has_perm("taxonomy.change_apitoken"):
            return
        tokens.filter(revoked_at__isnull=True).update(revoked_at=timezone.now())
