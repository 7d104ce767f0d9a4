"""Django's settings, made from Dothi's own and from the manifests that are there."""

from datetime import timedelta
from pathlib import Path
from typing import Final

from psycopg.conninfo import conninfo_to_dict

from dothi.config import city as cities
from dothi.config import environment, mail
from dothi.config.oidc import providers_of
from dothi.kernel.manifest import ROOT, load_manifests

ENVIRONMENT: Final = environment.read()
CITY: Final = cities.load_city(ENVIRONMENT.city)

DATABASE_URL = ENVIRONMENT.database_url
DEBUG = ENVIRONMENT.debug
SECRET_KEY = ENVIRONMENT.secret_key
ALLOWED_HOSTS = [host.strip() for host in ENVIRONMENT.allowed_hosts.split(",") if host.strip()]
VISITOR_ROLE = ENVIRONMENT.visitor_role
IS_DEMO = ENVIRONMENT.demo
SIMULATORS = ENVIRONMENT.simulators
MEDIA_FOLDER: Path = ENVIRONMENT.home.expanduser().absolute() / "media"
WELCOME_TOKEN = ENVIRONMENT.welcome_token
SITE_URL = ENVIRONMENT.site_url.rstrip("/")
_MAIL: Final = mail.server_of(ENVIRONMENT)
EMAIL_HOST, EMAIL_PORT = _MAIL.host, _MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _MAIL.user, _MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _MAIL.has_starttls, _MAIL.has_tls
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from
RAW_DAYS = ENVIRONMENT.raw_days
RAW_BYTES = round(ENVIRONMENT.raw_gb * 1_000_000_000)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.gis",
    "django_linear_migrations",
    "procrastinate.contrib.django",
    "dothi.web",
    *(manifest.package for manifest in load_manifests()),
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dothi.web.middleware.SoundCookieMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "dothi.web.middleware.CityLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "dothi.web.middleware.DenyByDefaultMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "dothi.config.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dothi.web.context.shell",
            ],
        },
    }
]


def _database() -> dict[str, object]:
    """Turn the one database URL into Django's words."""
    given = conninfo_to_dict(ENVIRONMENT.database_url)
    return {
        "ENGINE": "django.contrib.gis.db.backends.postgis",
        "NAME": str(given.pop("dbname", "dothi")),
        "USER": str(given.pop("user", "")),
        "PASSWORD": str(given.pop("password", "")),
        "HOST": str(given.pop("host", "")),
        "PORT": str(given.pop("port", "")),
        "OPTIONS": given,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "dothi.core.accounts.backend.PeopleBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

# Signing in. Nobody makes an account unasked: the adapters say so. Wrong passwords are counted by axes alone, which
# locks a user name at an address; the limits that allauth keeps are for codes of the second step.
ACCOUNT_ADAPTER = "dothi.core.accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_RATE_LIMITS = {"login": False}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_ADAPTER = "dothi.core.accounts.adapters.SecondStepAdapter"
MFA_TOTP_ISSUER = "Dothi"
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "dothi.core.accounts.adapters.ProviderAdapter"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": providers_of(ENVIRONMENT)}}
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_USERNAME_CALLABLE = "dothi.core.accounts.adapters.name_given"
AXES_LOCKOUT_CALLABLE = "dothi.core.accounts.views.entrance.locked_out"
AXES_SENSITIVE_PARAMETERS = ["login", "username", "email", "password", "ip_address"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
SESSION_COOKIE_AGE = round(ENVIRONMENT.session_hours * 3600)

USE_TZ = True
TIME_ZONE = CITY.zone
NUMBER_GROUPING = 3  # Django says nothing of it for Vietnamese
USE_I18N = True
LANGUAGE_CODE = CITY.languages[0]
LANGUAGES = [(code, {"vi": "Tiếng Việt", "en": "English"}.get(code, code)) for code in CITY.languages]
LANGUAGE_COOKIE_NAME = "dothi_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"

STATIC_URL = "/static/"
STATIC_ROOT: Path = ROOT / "web" / "static"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
LOGGING_CONFIG = None
