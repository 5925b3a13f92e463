"""Signing in and out, one's own account, and who may what.

Without a namespace, as Django's LOGIN_URL and allauth expect. Of allauth only the pages below
exist: none on which strangers could sign up or learn who has an account.
"""

from allauth.account import views as allauth
from allauth.mfa.base import views as factors
from allauth.mfa.recovery_codes import views as recovery
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as identities
from allauth.socialaccount.providers.openid_connect import views as openid
from django.urls import path

from taxonomy.views import accounts, members, people
from taxonomy.views.limited import a_form, limited, with_codes

urlpatterns = [
    path("login/", people.sign_in, name="login"),
    path("login/", people.sign_in, name="account_login"),  # allauth's name for it
    path(
        "login/code/",
        limited(people.request_code, "codes asked for", tries=10),
        name="account_request_login_code",
    ),
    path(
        "login/code/enter/",
        limited(allauth.confirm_login_code, "codes entered"),
        name="account_confirm_login_code",
    ),
    path(
        "login/passkey/",
        limited(passkeys.login_webauthn, "passkeys tried"),
        name="mfa_login_webauthn",
    ),
    path(
        "login/second/", limited(factors.authenticate, "factors tried"), name="mfa_authenticate"
    ),
    path("login/closed/", allauth.account_inactive, name="account_inactive"),
    path("login/with/<slug:provider_id>/", a_form(openid.login), name="openid_connect_login"),
    path(
        "login/with/<slug:provider_id>/back/",
        a_form(openid.callback),
        name="openid_connect_callback",
    ),
    path("login/broken-off/", identities.login_cancelled, name="socialaccount_login_cancelled"),
    path("login/<str:secret>/", people.sign_in_by_link, name="login-link"),
    path("join/<str:secret>/", people.join, name="join"),
    path("logout/", people.sign_out, name="logout"),
    path("logout/", people.sign_out, name="account_logout"),
    path("account/", accounts.account, name="account"),
    path("account/", accounts.account, name="mfa_index"),
    path("account/", accounts.account, name="mfa_list_webauthn"),
    path("account/sessions/", accounts.sessions, name="sessions"),
    path("account/sessions/others/", accounts.end_others, name="end-other-sessions"),
    path("account/sessions/<slug:public_id>/end/", accounts.end, name="end-session"),
    path("account/tokens/", accounts.tokens, name="tokens"),
    path("account/tokens/<int:pk>/revoke/", accounts.revoke, name="revoke-token"),
    path("account/delete/", accounts.delete, name="delete-account"),
    path("account/email/", limited(allauth.email, "e-mail changed"), name="account_email"),
    path(
        "account/email/enter/",
        limited(allauth.email_verification_sent, "e-mail confirmed"),
        name="account_email_verification_sent",
    ),
    path(
        "account/password/",
        limited(allauth.password_change, "password changed"),
        name="account_change_password",
    ),
    path("account/password/set/", a_form(allauth.password_set), name="account_set_password"),
    path(
        "account/again/password/",
        limited(allauth.reauthenticate, "password again"),
        name="account_reauthenticate",
    ),
    path(
        "account/again/code/",
        limited(factors.reauthenticate, "factor again"),
        name="mfa_reauthenticate",
    ),
    path(
        "account/again/passkey/",
        limited(passkeys.reauthenticate_webauthn, "passkey again"),
        name="mfa_reauthenticate_webauthn",
    ),
    path("account/passkeys/add/", a_form(passkeys.add_webauthn), name="mfa_add_webauthn"),
    path(
        "account/passkeys/<int:pk>/", a_form(passkeys.edit_webauthn), name="mfa_edit_webauthn"
    ),
    path(
        "account/passkeys/<int:pk>/remove/",
        a_form(passkeys.remove_webauthn),
        name="mfa_remove_webauthn",
    ),
    path("account/app/add/", a_form(totp.activate_totp), name="mfa_activate_totp"),
    path("account/app/remove/", a_form(totp.deactivate_totp), name="mfa_deactivate_totp"),
    path(
        "account/codes/",
        with_codes(recovery.view_recovery_codes),
        name="mfa_view_recovery_codes",
    ),
    path(
        "account/codes/new/",
        a_form(with_codes(recovery.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path(
        "account/codes/download/",
        a_form(with_codes(recovery.download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
    path(
        "account/identities/", a_form(identities.connections), name="socialaccount_connections"
    ),
    path("people/", members.overview, name="people"),
    path("people/<int:pk>/role/", members.set_role, name="set-role"),
    path("people/<int:pk>/scope/", members.set_scope, name="set-scope"),
    path("people/<int:pk>/active/", members.set_active, name="set-active"),
    path("people/invitations/", members.invitations, name="invitations"),
    path("people/invitations/<int:pk>/withdraw/", members.withdraw, name="withdraw-invitation"),
]
