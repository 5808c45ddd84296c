"""What does Django have to know? One function from our configuration to its settings; nothing is read elsewhere."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from licet.portal.config import PortalConfig
from licet.portal.data_folder import secret

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")

APPS = [  # lean: each costs memory and start-up time
    "licet.portal.apps.Portal",  # before allauth and admin, so that our templates win
    "licet.portal.apps.Console",
    "licet.portal.certificates.apps.Certificates",
    "licet.portal.billing.apps.Billing",
    "licet.portal.changes.apps.Changes",
    "licet.portal.community.apps.Community",
    "licet.portal.organizations.apps.Organizations",
    "licet.portal.outgoing.apps.Outgoing",
    "licet.portal.payments.apps.Payments",
    "licet.portal.programs.apps.Programs",
    "licet.portal.sso.apps.SingleSignOn",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's session list loads it
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
]

MIDDLEWARE = [
    "licet.portal.pages.headers.Headers",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "licet.portal.slashes.Unslashed",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

SQLITE = (
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; "
    "PRAGMA cache_size=-8000;"
)


def settings(config: PortalConfig) -> dict[str, Any]:
    """Everything for `django.conf.settings.configure`. The data folder is prepared already."""
    return {
        "LICET": config,
        "DEBUG": False,
        "SECRET_KEY": secret(config.data, "django.key"),
        "ALLOWED_HOSTS": [config.host, *LOOPBACK],
        "ROOT_URLCONF": "licet.portal.urls",
        "APPEND_SLASH": True,
        "USE_TZ": True,
        "TIME_ZONE": "UTC",
        "LANGUAGE_CODE": "en",
        "DEFAULT_AUTO_FIELD": "django.db.models.BigAutoField",
        "INSTALLED_APPS": [*APPS, *_social_apps(config)],
        "MIDDLEWARE": [*MIDDLEWARE, *(["licet.portal.idle.Idle"] if config.idle_minutes else [])],
        "TEMPLATES": [_templates()],
        "DATABASES": {"default": _database(config)},
        # Limits of log-ins are counted here: at Django's 300 entries whoever names 300 addresses would make it forget.
        "CACHES": {
            "default": {
                "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
                "OPTIONS": {"MAX_ENTRIES": 100_000},
            }
        },
        "STATIC_URL": "/static/",
        "STORAGES": {
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "licet.portal.static_files.Stamped"},
        },
        "LOGGING_CONFIG": None,  # the server's logs, set up by server.py
        **_web(config),
        **_mail(config),
        **_accounts(config),
        **_social(config),
    }


def _templates() -> dict[str, Any]:
    names = ("django.template.context_processors.request", "django.contrib.auth.context_processors.auth")
    return {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                *names,
                "django.contrib.messages.context_processors.messages",
                "licet.portal.pages.context.site",
            ]
        },
    }


def _database(config: PortalConfig) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": config.portal_file,
        "CONN_MAX_AGE": 0,  # Django answers each request in a thread of its own: a kept connection would leak with it
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 5, "init_command": SQLITE},
    }


def _web(config: PortalConfig) -> dict[str, Any]:
    return {
        "CSRF_TRUSTED_ORIGINS": [config.url],
        # `__Host-`: no other host of the same domain can plant one. Browsers take such names over TLS only.
        "CSRF_COOKIE_NAME": "__Host-csrf" if config.secure else "csrftoken",
        "SESSION_COOKIE_NAME": "__Host-session" if config.secure else "sessionid",
        "CSRF_COOKIE_SECURE": config.secure,
        "CSRF_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": config.secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https") if config.trusted_proxies else None,
        "SECURE_HSTS_SECONDS": 0,  # server.py says it, of the gate's answers as of the pages
        "SECURE_CONTENT_TYPE_NOSNIFF": True,
        "SECURE_REFERRER_POLICY": "same-origin",
        "X_FRAME_OPTIONS": "DENY",
        "DATA_UPLOAD_MAX_MEMORY_SIZE": 256 * 1024,
        "DATA_UPLOAD_MAX_NUMBER_FIELDS": 1_000,
    }


def _mail(config: PortalConfig) -> dict[str, Any]:
    sender = config.mail_from or f"licet@{config.host}"
    common = {"DEFAULT_FROM_EMAIL": sender, "SERVER_EMAIL": sender}
    if not config.smtp_url:
        files = {"BACKEND": "licet.portal.mail.ToFiles", "OPTIONS": {"folder": str(config.mail_dir)}}
        return {**common, "MAILERS": {"default": files}}
    at = urlsplit(config.smtp_url)
    options = {
        "host": at.hostname,
        "port": at.port or (465 if at.scheme == "smtps" else 587),
        "username": unquote(at.username or ""),
        "password": unquote(at.password or ""),
        "use_ssl": at.scheme == "smtps",
        "use_tls": at.scheme == "smtp" and bool(at.username),  # a name and a password never go in the clear
        "timeout": 15,
    }
    return {
        **common,
        "MAILERS": {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}},
    }


def _accounts(config: PortalConfig) -> dict[str, Any]:
    return {
        "AUTH_USER_MODEL": "portal.Account",
        "AUTHENTICATION_BACKENDS": ["licet.portal.adapter.ByEmail"],
        "PASSWORD_HASHERS": ["licet.portal.hashers.Argon2id"],
        "AUTH_PASSWORD_VALIDATORS": [
            {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
            {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
            {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
            {"NAME": "licet.portal.own_words.OwnWords"},
        ],
        "LOGIN_URL": "/accounts/login/",
        "LOGIN_REDIRECT_URL": "/my/",
        "LOGOUT_REDIRECT_URL": "/",
        "ACCOUNT_ADAPTER": "licet.portal.adapter.Adapter",
        "ACCOUNT_FORMS": {
            "login": "licet.portal.doors.LogIn",
            "reset_password": "licet.portal.doors.ResetPassword",
            "request_login_code": "licet.portal.doors.RequestCode",
        },
        "ACCOUNT_USER_MODEL_USERNAME_FIELD": None,
        "ACCOUNT_LOGIN_METHODS": {"email"},
        "ACCOUNT_SIGNUP_FIELDS": ["email*", "password1*"],
        "ACCOUNT_EMAIL_VERIFICATION": "mandatory",
        "ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED": True,
        "ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND": True,
        "ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED": True,
        "ACCOUNT_LOGIN_BY_CODE_ENABLED": True,
        "ACCOUNT_EMAIL_NOTIFICATIONS": True,
        "ACCOUNT_EMAIL_SUBJECT_PREFIX": "",
        "ACCOUNT_CHANGE_EMAIL": True,
        "ACCOUNT_PREVENT_ENUMERATION": True,
        "ACCOUNT_DEFAULT_HTTP_PROTOCOL": "https" if config.secure else "http",
        "MFA_SUPPORTED_TYPES": ["totp", "webauthn", "recovery_codes"],
        "MFA_ADAPTER": "licet.portal.factors.Factors",
        "MFA_FORMS": {
            "add_webauthn": "licet.portal.doors.AddPasskey",
            "authenticate": "licet.portal.factors.Authenticate",
            "reauthenticate": "licet.portal.factors.Reauthenticate",
            "authenticate_webauthn": "licet.portal.factors.AuthenticatePasskey",
            "login_webauthn": "licet.portal.factors.LogInByPasskey",
            "reauthenticate_webauthn": "licet.portal.factors.ReauthenticateByPasskey",
        },
        "MFA_PASSKEY_LOGIN_ENABLED": True,
        "MFA_PASSKEY_SIGNUP_ENABLED": True,
        "MFA_TOTP_TOLERANCE": 1,
        "MFA_TOTP_ISSUER": config.host,
        "MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN": not config.secure and config.host == "localhost",
    }


def _social_apps(config: PortalConfig) -> list[str]:
    """Only where somebody is named: without it there are no tables and no addresses of it."""
    if not config.social:
        return []
    return ["allauth.socialaccount", *(f"allauth.socialaccount.providers.{name}" for name, *_ in config.social)]


def _social(config: PortalConfig) -> dict[str, Any]:
    providers: dict[str, Any] = {}
    for name, client_id, word, url in config.social:
        providers[name] = {"APPS": [{"client_id": client_id, "secret": word}], "OAUTH_PKCE_ENABLED": True}
        if url:
            providers[name]["GITHUB_URL"] = url
    return {
        "SOCIALACCOUNT_ADAPTER": "licet.portal.sso.social.Social",
        "SOCIALACCOUNT_PROVIDERS": providers,
        "SOCIALACCOUNT_STORE_TOKENS": False,
        "SOCIALACCOUNT_QUERY_EMAIL": True,
        "SOCIALACCOUNT_EMAIL_AUTHENTICATION": False,  # an address opens no account: its owner connects it, signed in
        "SOCIALACCOUNT_LOGIN_ON_GET": False,
    }
