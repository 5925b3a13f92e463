"""The verbs on accounts: who may what, who gets in and how, and what is left of them.

Secrets are shown once and kept as hashes.
"""

from taxonomy.people.accounts import create_curator, delete_account, open_account, set_active
from taxonomy.people.invitations import accept, find_invitation, invite, withdraw
from taxonomy.people.links import (
    find_login_link,
    login_url,
    make_login_link,
    public_url,
    redeem,
    site_url,
)
from taxonomy.people.names import also_rename
from taxonomy.people.roles import Role, give_role, has_admin, role_of, sync_roles
from taxonomy.people.scopes import set_scope
from taxonomy.people.sessions import end_other_sessions, end_session, sessions_of
from taxonomy.people.tokens import issue_token, revoke_token

__all__ = [
    "Role",
    "accept",
    "also_rename",
    "create_curator",
    "delete_account",
    "end_other_sessions",
    "end_session",
    "find_invitation",
    "find_login_link",
    "give_role",
    "has_admin",
    "invite",
    "issue_token",
    "login_url",
    "make_login_link",
    "open_account",
    "public_url",
    "redeem",
    "revoke_token",
    "role_of",
    "sessions_of",
    "set_active",
    "set_scope",
    "site_url",
    "sync_roles",
    "withdraw",
]
