"""Everything is read from the environment; docs/operations.md holds the table of names.

With nothing set at all the site runs for one person on one machine: SQLite in var/, a broker that
`manage.py serve` starts as a child, and the sandbox network.
"""

import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url

from kloutsite import env, networks

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.text("KLOUTSITE_DATA", str(BASE_DIR / "var")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.flag("DEBUG")
SITE_URL = env.url("SITE_URL", "http://127.0.0.1:8000")
SITE_HOST = urlsplit(SITE_URL).hostname or ""
HTTPS = SITE_URL.startswith("https://")
# Host names as the header Host has them: an IPv6 address in brackets.
ALLOWED_HOSTS = [f"[{SITE_HOST}]" if ":" in SITE_HOST else SITE_HOST, *env.words("ALLOWED_HOSTS")]
_LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
# The site answers to this machine alone; what would be unsafe elsewhere hangs on this.
LOCAL = _LOOPBACK.issuperset(ALLOWED_HOSTS)
if LOCAL:
    ALLOWED_HOSTS = sorted(_LOOPBACK)
TESTING = "pytest" in sys.modules

SECRET_KEY = env.secret("SECRET_KEY") or env.kept_secret(DATA_DIR / "secret_key")
# Key ring for stored tokens: "id:base64url, id:base64url"; the first one encrypts, all decrypt.
TOKEN_KEYS = (
    env.words("TOKEN_KEYS")
    if env.secret("TOKEN_KEYS")
    else ["local:" + env.kept_secret(DATA_DIR / "token_key", size=32)]
)
# People who react are known by a keyed hash only; another key would make them all strangers.
ACTOR_KEY = env.secret("ACTOR_KEY") or env.kept_secret(DATA_DIR / "actor_key")
# Keys of this machine alone: fine for a site on one, a disaster for one on many (kloutsite.E007).
KEPT_KEYS = [name for name in ("SECRET_KEY", "TOKEN_KEYS", "ACTOR_KEY") if not env.secret(name)]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "kloutsite.errors.csrf_failure"

INSTALLED_APPS = [
    "kloutsite.apps.KloutsiteConfig",
    "accounts.apps.AccountsConfig",
    "scoring.apps.ScoringConfig",
    "perks.apps.PerksConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # for pages of allauth
    "django_htmx",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "accounts.providers.bluesky",
    "accounts.providers.mastodon",
    "accounts.providers.networks",
]

# The sandbox lets anyone be anyone: at a public address it is there only for who says so twice.
SANDBOX_ASKED = env.flag("SANDBOX", default=LOCAL)
SANDBOX = SANDBOX_ASKED and (LOCAL or env.flag("SANDBOX_IN_PRODUCTION"))
if SANDBOX:
    INSTALLED_APPS.append("accounts.providers.sandbox")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "kloutsite.middleware.security_headers",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.own_ways",
    "kloutsite.middleware.nothing_unsaid",
]

ROOT_URLCONF = "kloutsite.urls"
WSGI_APPLICATION = "kloutsite.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "kloutsite.context.site",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# SQLite: WAL and IMMEDIATE, or parallel writers end in "database is locked" (docs/decisions/0003).
DATABASES: dict[str, Any] = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL") or f"sqlite:///{DATA_DIR / 'kloutsite.sqlite3'}",
        conn_max_age=None,
        conn_health_checks=True,
    )
}
SQLITE = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-32000"
        ),
    }
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits are counted here, so every web process must see the same cache.
CACHE_URL = env.text("CACHE_URL")
# No page waits for one that is away (kloutsite/caching.py).
_SHARED = {
    "LOCATION": CACHE_URL,
    "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
}
CACHES: dict[str, Any] = (
    {
        "default": {"BACKEND": "kloutsite.caching.SharedOrLocalCache", **_SHARED},
        "shared": {"BACKEND": "kloutsite.caching.SharedCache", **_SHARED},  # scoring/limits.py
    }
    if CACHE_URL
    else {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": DATA_DIR / "cache",
        }
    }
)

# Requests a minute that a token may make, and an address without one.
API_PER_MINUTE = env.integer("API_PER_MINUTE", 60, low=1, high=10_000_000)
COUNTERS = DATA_DIR / "counters"  # of limits, where no CACHE_URL says where else

# The broker is a doorbell: the rows of scoring.models.Job are the truth (docs/decisions/0004).
BROKER_URL = env.text("BROKER_URL", "memory://")
JOB_HANDLERS = "perks.work.HANDLERS"  # job kind -> what does it; tests point it at their own

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "landing"

ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = "username"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {"reset_password": "accounts.password_forms.NewPasswordForm"}
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""  # their subjects name the site themselves
# A site without a mail server cannot ask people to open a mail.
MAIL_SERVER = env.mail_server("EMAIL_URL")
ACCOUNT_EMAIL_VERIFICATION = "mandatory" if MAIL_SERVER else "optional"
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0, low=0, high=10)
# How often one address that is not signed in may ask for pages that look through many people.
PAGES_PER_MINUTE = env.integer("PAGES_PER_MINUTE", 120, low=1, high=10_000_000)
# How often one address may ask for pictures and scores of people; a page may show many.
PUBLIC_PER_MINUTE = env.integer("PUBLIC_PER_MINUTE", 1_200, low=1, high=10_000_000)
SOCIALACCOUNT_ADAPTER = "accounts.adapters.SocialAccountAdapter"
SOCIALACCOUNT_STORE_TOKENS = False  # tokens live encrypted in accounts.Grant
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_QUERY_EMAIL = False
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_REQUIRED = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_REQUESTS_TIMEOUT = 5
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {}  # keys of networks are in NETWORKS
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_FORMS = {
    "add_webauthn": "accounts.key_forms.AddKeyForm",
    "edit_webauthn": "accounts.key_forms.EditKeyForm",
}
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOCAL

# What can be linked: keys, addresses and versions of each network that is on (docs/linking.md).
NETWORKS = networks.configured(SITE_URL, DATA_DIR)
if "bluesky" in NETWORKS and not LOCAL and not env.secret("BLUESKY_KEY"):
    KEPT_KEYS.append("BLUESKY_KEY")  # one key, one site: Bluesky asks any of its machines for it

# Development only: lets the guarded client open http:// and loopback addresses (fake networks).
ALLOW_INSECURE_HOSTS = env.flag("ALLOW_INSECURE_HOSTS")

if MAIL_SERVER:
    EMAIL_HOST, EMAIL_PORT = MAIL_SERVER.host, MAIL_SERVER.port
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL_SERVER.user, MAIL_SERVER.password
    EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL_SERVER.tls, MAIL_SERVER.ssl
else:
    EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", f"kloutsite@{SITE_HOST}")

LANGUAGE_CODE = "en-gb"
LANGUAGES = [
    ("en-gb", "English"),
    ("de", "Deutsch"),
    ("es", "Español"),
    ("fr", "Français"),
    ("pt", "Português"),
]
LOCALE_PATHS = [BASE_DIR / "kloutsite" / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
_plain = DEBUG or TESTING
STORAGES: dict[str, Any] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if _plain
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = _plain
WHITENOISE_AUTOREFRESH = DEBUG

# Uploads are archives: streamed to a file of their own, refused above this size (bytes). Above the
# second size a worker reads them, so web and workers must share the folder.
ARCHIVE_MAX_BYTES = env.integer("ARCHIVE_MAX_MB", 600, low=1, high=5000) * 1024 * 1024
ARCHIVE_AT_ONCE_BYTES = env.integer("ARCHIVE_AT_ONCE_MB", 20, low=0, high=5000) * 1024 * 1024
# Other pages that take a file, and its most bytes.
FILES_TAKEN = {
    "ops_perk_codes": 8 * 1024 * 1024,
    "ops_perk_picture": 6 * 1024 * 1024,
}
UPLOADS_DIR = FILE_UPLOAD_TEMP_DIR = env.text("UPLOADS_DIR", str(DATA_DIR / "uploads"))
Path(UPLOADS_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
FILE_UPLOAD_HANDLERS = ["accounts.uploads.ArchiveUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
DATA_UPLOAD_MAX_NUMBER_FILES = 1

SESSION_COOKIE_SAMESITE = "Lax"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# The words of messages are those of the style sheet (.note.good, .warn, .bad).
MESSAGE_TAGS = {25: "good", 30: "warn", 40: "bad"}
# In a signed cookie, else each message would cost two writes of the session (long ones go there).
MESSAGE_STORAGE = "django.contrib.messages.storage.fallback.FallbackStorage"
SILENCED_SYSTEM_CHECKS: list[str] = []
if HTTPS:
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = not env.flag("TLS_ENDS_AT_PROXY")
    SECURE_REDIRECT_EXEMPT = [
        "^healthz$",  # probes come from inside, without TLS
        "^readyz$",
        r"^(v2|1|feed|badge|public/scripts)(/|$)",  # clients written for Klout follow no redirect
    ]
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.integer("TRUSTED_PROXIES", 0, low=0, high=10):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"pages_only": {"()": "kloutsite.logs.PagesOnly"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["pages_only"],
        }
    },
    # Celery says several lines about every message, of which a quiet site has one in five seconds.
    "loggers": {"celery": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO").upper()},
}
