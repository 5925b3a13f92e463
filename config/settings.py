"""Every setting of Kadai. The environment's names and defaults are a contract: README.md."""

from pathlib import Path

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import embedded
from config.environment import (
    PREPARE_AFTER,
    env,
    env_bool,
    env_list,
    env_number,
    http_address,
    identity_providers,
    language_model_of,
    listing_beside,
    origin_of,
    parse_database_url,
    parse_email_url,
    read_dotenv,
    secret_key,
    webhook_secrets,
)

BASE_DIR = Path(__file__).resolve().parent.parent
read_dotenv(BASE_DIR / ".env")

KADAI_HOME = Path(env("KADAI_HOME", str(BASE_DIR / "var"))).expanduser().resolve()
KADAI_HOST = env("KADAI_HOST", "127.0.0.1")
KADAI_PORT = int(env_number("KADAI_PORT", 8000, least=1, most=65535))

SECRET_KEY = secret_key(KADAI_HOME)
# Former keys, for a while: sessions and second factors that were made with them hold.
SECRET_KEY_FALLBACKS = env_list("DJANGO_SECRET_KEY_FALLBACKS", [])
DEBUG = env_bool("DJANGO_DEBUG", False)
ALLOWED_HOSTS = env_list(
    "DJANGO_ALLOWED_HOSTS", ["127.0.0.1", "localhost", "[::1]", KADAI_HOST]
)
CSRF_TRUSTED_ORIGINS = env_list("DJANGO_CSRF_TRUSTED_ORIGINS", [])

# Behind TLS, set this: cookies then travel over HTTPS only.
HTTPS = env_bool("KADAI_HTTPS", False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# Read from the database each time: a cache in each process would outlive signing out.
SESSION_ENGINE = "taxonomy.session_store"

# Who else may say who somebody is: ORCID, or any provider of OpenID Connect.
IDENTITY_PROVIDERS = identity_providers("KADAI_OIDC")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        # A button of ours leads there, and browsers check where forms end up.
        "form-action": [SELF, *(origin_of(one.url) for one in IDENTITY_PROVIDERS)],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

INSTALLED_APPS = [
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "config.apps.ConfigConfig",
    "taxonomy",
    "ingest",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "taxonomy.User"
AUTHENTICATION_BACKENDS = ["taxonomy.people.backend.Members"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = "taxonomy:atlas"

# Signing in: taxonomy/adapters.py decides what is not a setting of allauth's.
KADAI_PROXIES = int(env_number("KADAI_PROXIES", 0, least=0, most=9))
ALLAUTH_TRUSTED_PROXY_COUNT = KADAI_PROXIES
ACCOUNT_ADAPTER = "taxonomy.adapters.Accounts"
ACCOUNT_SIGNUP_FIELDS = ["email*", "username*"]  # nobody signs up: people are invited
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before another e-mail address or identity
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Kadai] "
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# Ours hold over all processes: taxonomy/people/limits.py.
ACCOUNT_RATE_LIMITS = MFA_RATE_LIMITS = False
ACCOUNT_FORMS = {
    "request_login_code": "taxonomy.forms.sign_in.RequestCode",
    "add_email": "taxonomy.forms.sign_in.AddAddress",
    "set_password": "taxonomy.forms.sign_in.SetPassword",
    "change_password": "taxonomy.forms.sign_in.ChangePassword",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Kadai"
MFA_TOTP_TOLERANCE = 1
MFA_ADAPTER = "taxonomy.adapters.Factors"
MFA_FORMS = {
    "authenticate": "taxonomy.forms.sign_in.SecondFactor",
    "reauthenticate": "taxonomy.forms.sign_in.SecondFactorAgain",
}
# Passkeys need a secure origin; on the own machine browsers take plain HTTP for one.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS
SOCIALACCOUNT_ADAPTER = "taxonomy.adapters.Identities"
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": one.slug,
                "name": one.name,
                "client_id": one.client,
                "secret": one.secret,
                # Who it is, and nothing else about them.
                "settings": {
                    "server_url": one.url,
                    "scope": ["openid"],
                    "fetch_userinfo": False,
                },
            }
            for one in IDENTITY_PROVIDERS
        ],
    }
}

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "ingest.context.arxiv_status",
            ],
        },
    }
]

DATABASE_URL = env("DATABASE_URL")
if DATABASE_URL:
    database = parse_database_url("DATABASE_URL", DATABASE_URL)
else:
    at = embedded.conninfo(KADAI_HOME)
    database = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": at["dbname"],
        "USER": at["user"],
        "HOST": at["host"],
        "OPTIONS": {"prepare_threshold": PREPARE_AFTER},
    }
DATABASES = {
    "default": database
    | {
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
for number, url in enumerate(env_list("DATABASE_REPLICA_URLS", []), start=1):
    DATABASES[f"replica{number}"] = parse_database_url("DATABASE_REPLICA_URLS", url) | {
        "TEST": {"MIRROR": "default"}
    }

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "kadai",
    }
}

CELERY_BROKER_URL = env("CELERY_BROKER_URL")  # empty: the same PostgreSQL, config/celery.py

ARXIV_API_URL = env("ARXIV_API_URL", "https://export.arxiv.org/api/query")
ARXIV_OAI_URL = env("ARXIV_OAI_URL", "https://oaipmh.arxiv.org/oai")
ARXIV_RSS_URL = env("ARXIV_RSS_URL", listing_beside(ARXIV_OAI_URL, ARXIV_API_URL))
ARXIV_DELAY_SECONDS = env_number("ARXIV_DELAY_SECONDS", 3, least=0, most=3600)
ARXIV_CONTACT = env("ARXIV_CONTACT")  # an address for arXiv's staff, sent in User-Agent

# A language model beside the suggester: ingest/suggest/llm.py. Without an address, none.
language_model = language_model_of("KADAI_LLM")
KADAI_LLM_URL, KADAI_LLM_MODEL = language_model.url, language_model.model
KADAI_LLM_KEY = language_model.key
KADAI_LLM_PRICE_IN, KADAI_LLM_PRICE_OUT = language_model.price_in, language_model.price_out
KADAI_LLM_MONTHLY_LIMIT = language_model.monthly_limit
KADAI_LLM_DAILY_LIMIT = language_model.daily_limit
KADAI_LLM_ANSWER_TOKENS = language_model.answer_tokens
KADAI_LLM_WEIGHT = language_model.weight

# A folder with a sentence-embedding model: ingest/suggest/embed.py. Without one, none.
KADAI_EMBEDDINGS = env("KADAI_EMBEDDINGS")

# Who is told of alarms; ingest/alarms.
KADAI_ALERT_EMAIL = env_list("KADAI_ALERT_EMAIL", [])
KADAI_ALERT_WEBHOOK = http_address("KADAI_ALERT_WEBHOOK")
KADAI_ALERT_SECRETS = webhook_secrets("KADAI_ALERT_SECRET")
if KADAI_ALERT_WEBHOOK and not KADAI_ALERT_SECRETS:
    raise ImproperlyConfigured("KADAI_ALERT_WEBHOOK needs a KADAI_ALERT_SECRET to sign with.")
mail = parse_email_url("EMAIL_URL", env("EMAIL_URL"))
EMAIL_HOST, EMAIL_PORT = mail.host, mail.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = mail.user, mail.password
EMAIL_USE_TLS, EMAIL_USE_SSL = mail.starttls, mail.tls
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("EMAIL_FROM", "kadai@localhost")

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ja", _("Japanese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "config.static.ServedAppsFinder",
]
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
STATIC_ROOT = Path(env("KADAI_STATIC_ROOT", str(KADAI_HOME / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "taxonomy.api.authentication.BearerAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "taxonomy.api.schema.Schema",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "taxonomy.api.pagination.CursorPagination",
    "EXCEPTION_HANDLER": "taxonomy.api.errors.problem_handler",
    "DEFAULT_THROTTLE_CLASSES": ["taxonomy.api.throttling.Throttle"],
    # Proxies of our own that write X-Forwarded-For. 0: anyone may write it, so it is ignored.
    "NUM_PROXIES": KADAI_PROXIES,
    "DEFAULT_THROTTLE_RATES": {
        "anonymous": env("KADAI_API_RATE_ANONYMOUS", "600/min"),
        "token": env("KADAI_API_RATE_TOKEN", "6000/min"),
    },
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Kadai",
    "DESCRIPTION": "The atlas of the challenges of large language models, as data.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "BatchKindEnum": "taxonomy.models.Batch.Kind",
        "ConceptKindEnum": "taxonomy.models.Concept.Kind",
        "VerdictEnum": "taxonomy.models.Decision.Verdict",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "taxonomy.api.schema.add_problems",
    ],
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"},
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    # Kombu takes a broker on a Unix socket for one without a name.
    "loggers": {"kombu.connection": {"level": "ERROR"}},
    "root": {"handlers": ["console"], "level": env("KADAI_LOG_LEVEL", "INFO")},
}
