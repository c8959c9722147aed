"""All settings, read from the environment; README.md has the table of names."""

import os
import secrets
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from comptoir.lib import postgres


def flag(name: str, default: bool = False) -> bool:
    """True for 1/true/yes/on."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def secret_key(data: Path) -> str:
    """The installation's own key: from the environment, else made once and kept in the data folder."""
    if value := os.environ.get("COMPTOIR_SECRET_KEY"):
        return value
    path = data / "secret.key"
    if not path.exists():
        data.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(secrets.token_urlsafe(64))
        fresh.chmod(0o600)
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        fresh.unlink()
    return path.read_text().strip()


BASE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("COMPTOIR_DATA", BASE.parent / "data")).resolve()
HOST = os.environ.get("COMPTOIR_HOST", "127.0.0.1")
PORT = int(os.environ.get("COMPTOIR_PORT", "8000"))
BASE_URL = os.environ.get("COMPTOIR_URL", f"http://{HOST}:{PORT}").rstrip("/")
DEBUG = flag("COMPTOIR_DEBUG")
DEMO = flag("COMPTOIR_DEMO")
SECRET_KEY = secret_key(DATA)
ALLOWED_HOSTS = [h for h in os.environ.get("COMPTOIR_HOSTS", "127.0.0.1,localhost,[::1]").split(",") if h]
CSRF_TRUSTED_ORIGINS = [BASE_URL] if BASE_URL.startswith("https://") else []

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_cotton.apps.SimpleAppConfig",
    "django_htmx",
    "allauth",
    "allauth.account",
    "lucide",
    "procrastinate.contrib.django",
    "comptoir",
    "comptoir.events",
    "comptoir.actions",
    "comptoir.people",
    "comptoir.files",
    "comptoir.customers",
    "comptoir.promises",
    "comptoir.catalog",
    "comptoir.orders",
    "comptoir.fulfilment",
    "comptoir.cases",
    "comptoir.connect.email",
    "comptoir.search",
    "comptoir.api",
    "comptoir.web",
    "comptoir.portal",
    "comptoir.demo",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "comptoir.web.middleware.SecurityHeaders",
    "comptoir.api.middleware.Api",
    "comptoir.web.middleware.WellFormed",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "comptoir.web.middleware.SignedInMember",
]
ROOT_URLCONF = "comptoir.urls"
WSGI_APPLICATION = None
DATABASES = {"default": postgres.django_settings(os.environ.get("DATABASE_URL") or postgres.url(DATA))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Member"
AUTHENTICATION_BACKENDS = ["comptoir.web.sessions.Backend"]
SESSION_ENGINE = "comptoir.web.sessions"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "comptoir.web.signin.Adapter"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE / "web" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "comptoir.web.shell.context",
            ],
            "builtins": [
                "django_cotton.templatetags.cotton",
                "django.templatetags.i18n",
                "lucide.templatetags.lucide",
                "comptoir.web.templatetags.desk",
            ],
        },
    }
]
COTTON_DIR = "cotton"

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", _("English")),
    ("fr", _("French")),
    ("da", _("Danish")),
    ("sk", _("Slovak")),
    ("bg", _("Bulgarian")),
]
LOCALE_PATHS = [BASE / "locale"]
TIME_ZONE = os.environ.get("COMPTOIR_TIME_ZONE", "Europe/Brussels")
USE_TZ = True

STATIC_URL = "/static/"
FILES_ROOT = DATA / "files"
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # an order of three hundred lines, with what each showed

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BASE_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if SESSION_COOKIE_SECURE else 0
# TLS ends at a proxy in front of the desk, which also redirects; subdomains and preload lists are its owner's to decide.
# Mails are shown in frames of our own pages, so framing by ourselves stays allowed.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W019", "security.W021"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"}}

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_IMPORT_PATHS = ["comptoir.fanout"]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
COUNTRY = os.environ.get("COMPTOIR_COUNTRY", "BE")
SMTP_PORT = int(os.environ.get("COMPTOIR_SMTP_PORT", "0"))
UNDO_SECONDS = int(os.environ.get("COMPTOIR_UNDO_SECONDS", "10"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("COMPTOIR_LOG", "WARNING")},
}
