"""Django's settings, made from ours.

Two ways lead to them. `keruen.compose` calls `configure` with the settings it has read and the address of a
database that answers: the usual way. Tools that only know DJANGO_SETTINGS_MODULE (`python -m django`, the
type checker's plugin) name this module; then it reads the environment itself and starts nothing.
"""

from __future__ import annotations

import importlib
import os
from typing import Any, Final, Protocol

import django
import structlog
from django.conf import settings as django_conf
from django.utils.functional import SimpleLazyObject
from psycopg import conninfo

from keruen.errors import Conflict
from keruen.store import embedded

LANGUAGES: Final = (("kk", "Қазақша"), ("ru", "Русский"), ("en", "English"))

# Connections outlive a request; each is tried before use, so a server's restart costs no failed request.
CONN_MAX_AGE_S: Final = 600

# An officer's working day; a session is not left open over night.
SESSION_AGE_S: Final = 12 * 3600

HSTS_S: Final = 365 * 24 * 3600


class SiteSettings(embedded.DatabaseSettings, Protocol):
    """What the site needs to know of `keruen.settings.Settings`, which stands above the store."""

    @property
    def allowed_hosts(self) -> tuple[str, ...]:
        """Names under which the site may be asked for."""

    @property
    def debug(self) -> bool:
        """Whether failures show their inside."""

    @property
    def https(self) -> bool:
        """Whether a proxy that speaks TLS stands in front."""

    @property
    def language(self) -> str:
        """Language of a reader who has not chosen one."""

    @property
    def max_upload_bytes(self) -> int:
        """Largest request that is taken."""

    def secret(self) -> str:
        """Key that signs sessions."""


def configure(settings: SiteSettings, database_url: str) -> None:
    """Set Django up for this process, once; a second call with the same database does nothing.

    Raises:
        Conflict: Django already works on another database, which it cannot change.
    """
    if django_conf.configured:
        here, asked = django_conf.DATABASES["default"], database(database_url)
        if any(here.get(key) != asked[key] for key in ("HOST", "PORT", "NAME", "USER")):
            text = "this process already works on another database; start a process for each"
            raise Conflict(text, code="database.already_configured")
        # Configured through DJANGO_SETTINGS_MODULE, but perhaps not yet set up; twice does no harm.
        django.setup()
        return
    django_conf.configure(**options(settings, database_url))
    django.setup()


def options(settings: SiteSettings, database_url: str) -> dict[str, Any]:
    """Django's settings by name; what is not named is Django's default."""
    return {
        # Asked for when first needed: a type check or a new migration makes no key file.
        "SECRET_KEY": SimpleLazyObject(settings.secret),
        "DEBUG": settings.debug,
        "ALLOWED_HOSTS": list(settings.allowed_hosts),
        "INSTALLED_APPS": [
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "django.contrib.messages",
            "django.contrib.staticfiles",
            "keruen.store",
            "keruen.faces.web",
        ],
        "MIDDLEWARE": [
            "django.middleware.security.SecurityMiddleware",
            # Before WhiteNoise, which answers for static files by itself.
            "keruen.faces.web.csp.ContentSecurityPolicy",
            "whitenoise.middleware.WhiteNoiseMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.middleware.locale.LocaleMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
            "django.contrib.messages.middleware.MessageMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        "ROOT_URLCONF": "keruen.faces.urls",
        "TEMPLATES": [
            {
                "BACKEND": "django.template.backends.django.DjangoTemplates",
                "APP_DIRS": True,
                "OPTIONS": {
                    "context_processors": [
                        "django.template.context_processors.request",
                        "django.template.context_processors.i18n",
                        "django.contrib.auth.context_processors.auth",
                        "django.contrib.messages.context_processors.messages",
                    ],
                },
            },
        ],
        "DATABASES": {"default": database(database_url)},
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "AUTH_USER_MODEL": "keruen.User",
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": f"django.contrib.auth.password_validation.{name}"}
            for name in (
                "UserAttributeSimilarityValidator",
                "MinimumLengthValidator",
                "CommonPasswordValidator",
            )
        ],
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": settings.language,
        "LANGUAGES": LANGUAGES,
        "STATIC_URL": "/static/",
        # Served from the packages themselves: no collectstatic step to forget, nothing copied to go stale.
        "WHITENOISE_USE_FINDERS": True,
        "DATA_UPLOAD_MAX_MEMORY_SIZE": settings.max_upload_bytes,
        "LOGGING": logging_options(),
        **_cookies_and_headers(https=settings.https),
    }


def database(url: str) -> dict[str, Any]:
    """Django's description of the database at a libpq URL; what Django has no key for is handed to libpq."""
    parts = {name: value for name, value in conninfo.conninfo_to_dict(url).items() if value is not None}
    keys = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    named: dict[str, Any] = {key: str(parts.pop(part, "")) for key, part in keys.items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **named,
        "OPTIONS": {
            "application_name": "keruen",
            # Statements are bound and, from the third time on, planned by the server: half of what a single filing
            # costs there is planning. Behind a pooler that shares connections, prepare_threshold must be None.
            "server_side_binding": True,
            "prepare_threshold": 3,
            **parts,
        },
        "CONN_MAX_AGE": CONN_MAX_AGE_S,
        "CONN_HEALTH_CHECKS": True,
    }


def logging_options() -> dict[str, Any]:
    """One JSON object a line on standard error, from Django's loggers and structlog alike."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            },
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            # Django gives this logger a handler of its own; ours replaces it.
            "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
            "keruen": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }


def _cookies_and_headers(*, https: bool) -> dict[str, Any]:
    always = {
        "SESSION_COOKIE_AGE": SESSION_AGE_S,
        "SESSION_COOKIE_HTTPONLY": True,
        # Strict would log out a reader who follows a link in a notice's e-mail.
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": https,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "CSRF_COOKIE_SECURE": https,
        "X_FRAME_OPTIONS": "DENY",
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "SECURE_CROSS_ORIGIN_OPENER_POLICY": "same-origin",
    }
    behind_tls = {
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SECURE_SSL_REDIRECT": True,
        "SECURE_HSTS_SECONDS": HSTS_S,
    }
    return always | (behind_tls if https else {})


def _from_environment() -> dict[str, Any]:
    # By name, not by an import statement: this entry is used from outside, above every stratum, while the
    # rest of the module stands below `keruen.settings`.
    ours = importlib.import_module("keruen.settings").load()
    return options(ours, ours.database_url or embedded.address(ours.home))


if os.environ.get("DJANGO_SETTINGS_MODULE") == __name__ and not django_conf.configured:
    globals().update(_from_environment())
