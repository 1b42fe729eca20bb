"""Settings, all from the environment; docs/operations.md lists each.

``JIANZAI_MODE`` is ``production`` unless said otherwise. ``demo`` marks every
page, moves the civil date on request and replays sample clips; ``test`` is the
demo for the test suite. What only they may do, production refuses.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from jianzai.channels.ways import ways
from jianzai.vault import KeysMissing, load_keys

MODE = os.environ.get("JIANZAI_MODE", "production")
if MODE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"JIANZAI_MODE is {MODE!r}; it is production, demo or test")
PRODUCTION = MODE == "production"
DEMO = not PRODUCTION
TESTING = MODE == "test"
DEBUG = False

HOME = Path(os.environ.get("JIANZAI_HOME", "var")).resolve()
KEYS_FILE = Path(os.environ.get("JIANZAI_KEYS_FILE", HOME / "keys.json"))
DEMO_DATE_FILE = HOME / "demo-date"

try:
    SECRET_KEY = load_keys(KEYS_FILE).lookup.hex() + "-session"
except KeysMissing:
    # Commands that make or check keys must start without them; nothing is served with this value,
    # because the vault raises KeysMissing at the first use.
    SECRET_KEY = os.urandom(32).hex()

ALLOWED_HOSTS = os.environ.get("JIANZAI_HOSTS", "*" if DEMO else "localhost").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]
BASE_URL = os.environ.get("JIANZAI_BASE_URL", "http://localhost:8000" if DEMO else "")
HTTPS = BASE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "django_htmx",
    "procrastinate.contrib.django",
    "jianzai.audit",
    "jianzai.registry",
    "jianzai.certification",
    "jianzai.benefits",
    "jianzai.notices",
    "jianzai.api",
    "jianzai.web",
    "jianzai.console",
    "jianzai.offline",
    *(f"jianzai.channels.{way}" for way in ways()),
    "jianzai.demo",
    "jianzai.operations",
]

MIDDLEWARE = [
    "jianzai.operations.requests.log_requests",
    "jianzai.web.middleware.security_headers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "jianzai.web.middleware.explains_wrong_methods",
]

ROOT_URLCONF = "jianzai.urls"
WSGI_APPLICATION = "jianzai.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "jianzai.web.context.site",
            ],
            "builtins": ["jianzai.web.templatetags.say"],
        },
    }
]

DATABASES = {
    "default": dj_database_url.config(
        env="DATABASE_URL",
        default="postgresql://jianzai@localhost/jianzai",
        conn_max_age=60,
        conn_health_checks=True,
    )
}
# The owner migrates and grants; the application's role cannot change audit and certification rows.
OWNER_DATABASE_URL = os.environ.get("JIANZAI_OWNER_DATABASE_URL", os.environ.get("DATABASE_URL", ""))
APPLICATION_ROLE = "jianzai_application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
OTP_TOTP_ISSUER = "健在 jianzai"
LOGIN_URL = "console:sign-in"
LOGIN_REDIRECT_URL = "console:home"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
TIME_ZONE = os.environ.get("JIANZAI_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEMO

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "jianzai.web.errors.form_expired"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
SESSION_ENGINE = "jianzai.web.sessions"
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if PRODUCTION else 0
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if os.environ.get("JIANZAI_BEHIND_PROXY") else None
)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
X_FRAME_OPTIONS = "DENY"
# Certificate and key files of a server that speaks https itself, without a proxy before it.
TLS_CERTIFICATE = os.environ.get("JIANZAI_TLS_CERTIFICATE", "")
TLS_KEY = os.environ.get("JIANZAI_TLS_KEY", "")

# A batch is 8 JPEG frames of 640x480; 3 MiB leaves room for a camera that ignores the size asked for.
DATA_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 3 * 1024 * 1024
# Whole videos and roster files; refused by the length they announce, before a byte is kept.
UPLOAD_MAX_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_HANDLERS = [
    "jianzai.operations.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "jianzai.operations.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"procrastinate": {"level": "WARNING"}},  # it tells each task it knows at every start
    "root": {
        "handlers": ["stderr"],
        "level": os.environ.get("JIANZAI_LOG_LEVEL", "WARNING" if TESTING else "INFO"),
    },
}

# What the worker did leaves no row behind; what failed stays to be looked at.
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

# The pack of weights a new deployment starts with; the best that can be had where none is named.
PACK = os.environ.get("JIANZAI_PACK")

# Whether certifications are added to the reference of who agreed to that (jianzai.faces.growth).
REFERENCES_GROW = os.environ.get("JIANZAI_REFERENCES_GROW", "on") != "off"

# The seed of drawn challenges, for tests in a browser.
CHALLENGE_SEED = int(os.environ["JIANZAI_CHALLENGE_SEED"]) if "JIANZAI_CHALLENGE_SEED" in os.environ else None
if PRODUCTION and CHALLENGE_SEED is not None:
    raise ImproperlyConfigured("JIANZAI_CHALLENGE_SEED makes challenges predictable: production refuses it")

# Where a card reader's service answers on the clerk's own machine; pages ask no other machine.
CARD_READER = os.environ.get("JIANZAI_CARD_READER", "")
if CARD_READER and urlsplit(CARD_READER).hostname not in ("127.0.0.1", "localhost", "::1"):
    raise ImproperlyConfigured("JIANZAI_CARD_READER must be an address of the clerk's own machine")

# Where text messages are handed over (jianzai.notices.transports.sms); without an address none are made.
SMS_GATEWAY = os.environ.get("JIANZAI_SMS_GATEWAY", "")
SMS_TOKEN = os.environ.get("JIANZAI_SMS_TOKEN", "").strip()  # a file's newline often comes along
if SMS_GATEWAY:
    _gateway = urlsplit(SMS_GATEWAY)
    _here = _gateway.scheme == "http" and _gateway.hostname in ("127.0.0.1", "localhost", "::1")
    if _gateway.scheme != "https" and not _here:
        raise ImproperlyConfigured("JIANZAI_SMS_GATEWAY must be an https address, or one of this machine")
    if not SMS_TOKEN:
        raise ImproperlyConfigured("JIANZAI_SMS_TOKEN is missing: the gateway has to know who hands over")
    if not (SMS_TOKEN.isascii() and SMS_TOKEN.isprintable()):
        raise ImproperlyConfigured("JIANZAI_SMS_TOKEN must be printable ASCII: it goes along in a header")

# Whether counters take fingerprints; what reads them is installed apart (requirements/fingerprint.txt).
FINGERPRINT = os.environ.get("JIANZAI_FINGERPRINT", "on" if TESTING else "off") == "on"

# Which scheme's rules a new cycle opens with (jianzai.certification.policies).
POLICY = os.environ.get(
    "JIANZAI_POLICY", str(Path(__file__).parent / "demo" / "policy.toml") if DEMO else "rolling-12-months"
)
