"""Settings of AskOnce: one file, switched by the environment. docs/operations.md explains each variable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from csp.constants import NONE, SELF

from config import embedded, env

VERSION = "0.1.0"
BASE_DIR = Path(__file__).resolve().parent.parent
TESTING = "pytest" in sys.modules  # pytest-django reads settings before any conftest could set a variable
VAR = env.test_folder() if TESTING else Path(env.text("ASKONCE_VAR", str(BASE_DIR / "var"))).resolve()
EMBEDDED = env.boolean("ASKONCE_EMBEDDED", default=True)
DEBUG = env.boolean("ASKONCE_DEBUG", default=False)
PRODUCTION_NEEDS = [f"ASKONCE_{name}" for name in ("SECRET_KEY", "IDENTITY_KEY", "DATABASE", "BROKER", "HOSTS")]
if not EMBEDDED:
    env.require(*PRODUCTION_NEEDS)


def _key(name: str, file: str) -> str:
    """A secret from the environment; the embedded run makes its own once and keeps it in the data folder."""
    if TESTING:
        return "dGVzdHMtb25seS10ZXN0cy1vbmx5LXRlc3RzLW9ubHk="
    return env.text(name) or embedded.kept_key(VAR / file)


SECRET_KEY = _key("ASKONCE_SECRET_KEY", "secret-key")
IDENTITY_KEY = env.fernet_keys("ASKONCE_IDENTITY_KEY", _key("ASKONCE_IDENTITY_KEY", "identity-key"))
ALLOWED_HOSTS = [*env.words("ASKONCE_HOSTS", "localhost,[::1],testserver" if EMBEDDED else ""), "127.0.0.1"]  # /healthz
CSRF_TRUSTED_ORIGINS = env.words("ASKONCE_ORIGINS")
BASE_URL = env.text("ASKONCE_BASE_URL", f"http://127.0.0.1:{env.text('PORT', '8000')}")

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "js_lib_bootstrap5",
    "django_htmx",
    "csp",
    "axes",
    "simple_history",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "sites.apps.SitesConfig",
    "forms_catalog.apps.FormsCatalogConfig",
    "capture.apps.CaptureConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.middleware.PrivatePagesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "sites.middleware.RequestIdMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.nav.frame",
            ]
        },
    }
]

if TESTING:
    DATABASES = {"default": env.test_database(env.text("ASKONCE_TEST_POSTGRES"))}
else:
    DATABASES = {"default": env.database(env.text("ASKONCE_DATABASE", f"sqlite:///{VAR / 'askonce.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "sites.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "429.html"
AXES_ENABLED = not TESTING
AXES_VERBOSE = False
SESSION_COOKIE_AGE = 30 * 60
SESSION_SAVE_EVERY_REQUEST = True
HTTPS = env.boolean("ASKONCE_HTTPS", default=not EMBEDDED)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # preloading a domain into browsers is for its owner to decide
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

LANGUAGE_CODE = "en"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = None if EMBEDDED else BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "config" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if EMBEDDED
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = EMBEDDED  # the one-command run serves static files from where they are, nothing to collect
WHITENOISE_AUTOREFRESH = DEBUG or TESTING  # a test client reads no list of files first; processes that tests start do
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

SIMPLE_HISTORY_HISTORY_ID_USE_UUID = True
SIMPLE_HISTORY_HISTORY_CHANGE_REASON_USE_TEXT_FIELD = True
SIMPLE_HISTORY_ENFORCE_HISTORY_MODEL_PERMISSIONS = True

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["knox.auth.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser", "rest_framework.parsers.MultiPartParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.envelope",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"TOKEN_TTL": None, "AUTH_HEADER_PREFIX": "Token"}
SPECTACULAR_SETTINGS = {
    "TITLE": "AskOnce API",
    "DESCRIPTION": "Hand in dictionaries, see what a request costs, pull deliveries.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

BROKER_URL = env.text("ASKONCE_BROKER") or embedded.celery_url(embedded.broker_socket(VAR))
CELERY_BROKER_URL = BROKER_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
VISIBILITY_SECONDS = env.integer("ASKONCE_VISIBILITY_SECONDS", 600)
SWEEP_SECONDS = env.integer("ASKONCE_SWEEP_SECONDS", 60)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": VISIBILITY_SECONDS,
    "unacked_restore_interval": min(10, VISIBILITY_SECONDS),
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = VISIBILITY_SECONDS * 9 // 10  # a task that outlives the visibility would run twice
CELERY_TASK_SOFT_TIME_LIMIT = VISIBILITY_SECONDS * 8 // 10
CELERY_TASK_ALWAYS_EAGER = False
CELERY_TIMEZONE = "UTC"
# The whole beat schedule, in code: nothing to edit or lose. A tick that waited past the next one is dropped.
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "capture.sweep", "schedule": SWEEP_SECONDS, "options": {"expires": 55}},
    "heartbeat": {"task": "config.heartbeat", "schedule": 60, "options": {"expires": 55}},
}

MAILBOX_DIR = VAR / "mail"
EMAIL_BACKEND = env.text("ASKONCE_EMAIL_BACKEND", "capture.remind.mailbox.FileMailbox" if EMBEDDED else "")
EMAIL_BACKEND = EMAIL_BACKEND or "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("ASKONCE_SMTP_HOST", "localhost")
EMAIL_PORT = env.integer("ASKONCE_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("ASKONCE_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("ASKONCE_SMTP_PASSWORD")
EMAIL_USE_TLS = env.boolean("ASKONCE_SMTP_TLS")
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.text("ASKONCE_MAIL_FROM", "AskOnce <no-reply@askonce.example>")
DELIVERY_DIR = VAR / "deliveries"

PASSWORD_HASHERS = (
    ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if TESTING
    else ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
)
if TESTING:
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
