"""Settings from the environment and `.env`, each failing loudly on a value it cannot use."""

import base64
import os
import re
import secrets
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def read_dotenv(path: Path) -> None:
    """Put `NAME=value` lines of `path` into the environment; what is set already wins."""
    if not path.is_file():
        return
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals:
            raise ImproperlyConfigured(f"{path}, line {number}: expected NAME=value.")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        os.environ.setdefault(name.removeprefix("export ").strip(), value)


def env(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_bool(name: str, default: bool) -> bool:
    value = env(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}: expected on or off.")


def env_number(name: str, default: float, *, least: float, most: float) -> float:
    value = env(name)
    try:
        number = float(value) if value else default
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: expected a number.") from None
    if not least <= number <= most:
        raise ImproperlyConfigured(f"{name} is {number:g}: expected {least:g} to {most:g}.")
    return number


def env_list(name: str, default: list[str]) -> list[str]:
    value = env(name)
    return [part.strip() for part in value.split(",") if part.strip()] if value else default


def secret_key(home: Path) -> str:
    """DJANGO_SECRET_KEY, or one made once and kept under KADAI_HOME, readable by its owner."""
    value = env("DJANGO_SECRET_KEY")
    if value:
        return value
    path = home / "secret-key"
    try:
        home.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_text().strip()
    except OSError as error:
        raise ImproperlyConfigured(
            f"Cannot write {path} ({error.strerror}). Set KADAI_HOME to a folder that you "
            "may write to, or set DJANGO_SECRET_KEY."
        ) from error
    with os.fdopen(handle, "w") as file:
        key = secrets.token_urlsafe(50)
        file.write(key)
    return key


PREPARE_AFTER = 2  # times that a connection was asked the same by `composed.fetch`


def parse_database_url(name: str, url: str) -> dict[str, object]:
    """A Django database entry from `postgresql://user:password@host:port/name?option=value`.

    `prepare=off` is for poolers that give each transaction another connection and keep no
    prepared statements.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
        raise ImproperlyConfigured(
            f"{name} must look like postgresql://user:password@host:5432/database."
        )
    options: dict[str, object] = dict(parse_qsl(parts.query))
    prepares = options.pop("prepare", "on") != "off"
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "OPTIONS": options | ({"prepare_threshold": PREPARE_AFTER} if prepares else {}),
    }


@dataclass(frozen=True)
class MailServer:
    """Where e-mail leaves."""

    host: str
    port: int
    user: str
    password: str
    starttls: bool
    tls: bool  # from the first byte on


def parse_email_url(name: str, url: str) -> MailServer:
    """From `smtp://user:password@host:587`, or `smtps://…` for TLS from the first byte on.

    With `smtp` the connection turns to TLS, unless it says `?tls=off`. Empty: a mail server
    on this machine.
    """
    parts = urlsplit(url or "smtp://localhost:25?tls=off")
    options = dict(parse_qsl(parts.query))
    try:
        port = parts.port
    except ValueError:
        port = 0
    fits = parts.scheme in {"smtp", "smtps"} and parts.hostname and port != 0
    if not fits or options.keys() - {"tls"} or options.get("tls", "on") not in {"on", "off"}:
        raise ImproperlyConfigured(f"{name} must look like smtp://user:password@host:587.")
    tls = parts.scheme == "smtps"
    return MailServer(
        host=parts.hostname or "",
        port=port or (465 if tls else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=not tls and options.get("tls", "on") == "on",
        tls=tls,
    )


def http_address(name: str) -> str:
    """A web address, or empty."""
    value = env(name)
    if value and (
        urlsplit(value).scheme not in {"http", "https"} or not urlsplit(value).hostname
    ):
        raise ImproperlyConfigured(f"{name} must begin with https:// or http://.")
    return value


def webhook_secrets(name: str) -> list[bytes]:
    """Keys as Standard Webhooks writes them: `whsec_` and base64; with commas, several."""
    keys = []
    for text in env_list(name, []):
        try:
            key = base64.b64decode(text.removeprefix("whsec_"), validate=True)
        except ValueError:
            key = b""
        if not 24 <= len(key) <= 64:
            raise ImproperlyConfigured(
                f"{name} must be whsec_ and the base64 of 24 to 64 bytes, as made by "
                """python3 -c 'import base64, os; """
                """print("whsec_" + base64.b64encode(os.urandom(32)).decode())'."""
            )
        keys.append(key)
    return keys


def listing_beside(*urls: str) -> str:
    """Where the daily listing is, given where arXiv's other interfaces are.

    If one of them is elsewhere, all of arXiv is taken to be there: whoever points them at a
    copy does not expect the real one to be asked.
    """
    for parts in map(urlsplit, urls):
        host = parts.hostname or ""
        if host != "arxiv.org" and not host.endswith(".arxiv.org"):
            return f"{parts.scheme}://{parts.netloc}/rss"
    return "https://rss.arxiv.org/rss"


@dataclass(frozen=True)
class IdentityProvider:
    """Another site that says who somebody is, by OpenID Connect."""

    slug: str
    name: str
    url: str
    client: str
    secret: str


def identity_providers(name: str) -> list[IdentityProvider]:
    """From `KADAI_OIDC=orcid,lab` and, for each, `KADAI_OIDC_ORCID_CLIENT`, `…_SECRET`,
    `…_URL` (its issuer; known for orcid) and `…_NAME` (on the button)."""
    known = {"orcid": ("ORCID", "https://orcid.org")}
    providers = []
    for slug in env_list(name, []):
        if not re.fullmatch(r"[a-z][a-z0-9]*", slug):
            raise ImproperlyConfigured(f"{name}: {slug!r} must be small letters and digits.")
        own = f"{name}_{slug.upper()}"
        shown, url = known.get(slug, (slug, ""))
        provider = IdentityProvider(
            slug=slug,
            name=env(f"{own}_NAME", shown),
            url=http_address(f"{own}_URL") or url,
            client=env(f"{own}_CLIENT"),
            secret=env(f"{own}_SECRET"),
        )
        missing = [
            f"{own}_{part}"
            for part, value in (
                ("URL", provider.url), ("CLIENT", provider.client), ("SECRET", provider.secret)
            )
            if not value
        ]  # fmt: skip
        if missing:
            raise ImproperlyConfigured(f"{name} names {slug}: set {', '.join(missing)} too.")
        providers.append(provider)
    return providers


@dataclass(frozen=True)
class LanguageModel:
    """An OpenAI-compatible server, what it costs, and what may be spent on it."""

    url: str = ""
    model: str = ""
    key: str = ""
    price_in: Decimal = Decimal(0)  # per million tokens
    price_out: Decimal = Decimal(0)
    monthly_limit: Decimal | None = None
    daily_limit: Decimal | None = None
    answer_tokens: int = 1000
    weight: float = 0.4


def language_model_of(name: str) -> LanguageModel:
    """From `KADAI_LLM_URL` and the names beside it; without an address, none.

    What it costs and what may be spent must be said, even where it is nothing: a limit that
    is forgotten would be none.
    """
    url = http_address(f"{name}_URL").rstrip("/")
    if not url:
        return LanguageModel()
    needed = [f"{name}_{part}" for part in ("MODEL", "PRICE_IN", "PRICE_OUT", "MONTHLY_LIMIT")]
    if missing := [one for one in needed if not env(one)]:
        raise ImproperlyConfigured(f"{name}_URL is set: set {', '.join(missing)} too.")
    model = env(f"{name}_MODEL")
    if len(model) > 120:
        raise ImproperlyConfigured(f"{name}_MODEL is longer than 120 characters.")
    tokens = env_number(f"{name}_ANSWER_TOKENS", 1000, least=50, most=100_000)
    return LanguageModel(
        url=url,
        model=model,
        key=env(f"{name}_KEY"),
        price_in=_money(f"{name}_PRICE_IN"),
        price_out=_money(f"{name}_PRICE_OUT"),
        monthly_limit=_money(f"{name}_MONTHLY_LIMIT"),
        daily_limit=_money(f"{name}_DAILY_LIMIT") if env(f"{name}_DAILY_LIMIT") else None,
        answer_tokens=int(tokens),
        weight=env_number(f"{name}_WEIGHT", 0.4, least=0, most=1),
    )


def _money(name: str) -> Decimal:
    return Decimal(str(env_number(name, 0, least=0, most=1_000_000)))


def origin_of(url: str) -> str:
    """Scheme, host and port."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
