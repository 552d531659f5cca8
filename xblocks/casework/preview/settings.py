"""Django settings of the preview, and of every test that needs Django.

SQLite below `var/` of the current folder, or what DATABASE_URL names. No secret of worth: the accounts are fixed and
open to whoever reaches the server, which is why it listens on this machine alone unless told otherwise.
"""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dj_database_url

VAR = Path.cwd() / "var"


def _database() -> dict[str, Any]:
    """What DATABASE_URL says, with what each engine needs to hold every script and to survive concurrent requests."""
    url = os.environ.get("DATABASE_URL") or f"sqlite:///{VAR / 'preview.sqlite3'}"
    config: dict[str, Any] = dict(dj_database_url.parse(url.replace("mariadb://", "mysql://", 1)))
    options = config.setdefault("OPTIONS", {})
    if config["ENGINE"].endswith("mysql"):
        import pymysql

        # Django asks for a mysqlclient of this version; PyMySQL answers in its place and does all that is used here.
        pymysql.version_info = (2, 2, 7, "final", 0)
        pymysql.install_as_MySQLdb()
        options.setdefault("charset", "utf8mb4")
        config["TEST"] = {"CHARSET": "utf8mb4"}
    elif config["ENGINE"].endswith("sqlite3"):
        # IMMEDIATE: two writers wait for each other instead of failing when the second one upgrades its lock.
        options |= {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
        }
    return config


DATABASES = {"default": _database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

SECRET_KEY = os.environ.get("SECRET_KEY", "casework-preview: nothing of worth is kept behind this key")
DEBUG = False
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1],testserver").split(",")
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
# Browsers share cookies between all ports of a host: another local project must not log this one out.
SESSION_COOKIE_NAME = "casework_preview"
CSRF_FAILURE_VIEW = "casework.preview.views.csrf_failure"

LANGUAGE_CODE = "en"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

_REVIEW = "casework.review.apps"
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "submissions",
    "workbench",
    "xblocks_contrib.problem.capa",
    "casework.preview.apps.PreviewConfig",
    *([f"{_REVIEW}.ReviewConfig"] if find_spec(_REVIEW) else []),
]
MIDDLEWARE = [
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "casework.preview.roles.AccountMiddleware",
    "casework.preview.views.StayHomeMiddleware",
]
ROOT_URLCONF = "casework.preview.urls"
STATIC_URL = "/static/"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        # No folder of its own: xblock-sdk's samples hold a problem.html that would shadow capa's, in silence.
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "casework.preview.roles.bar",
            ]
        },
    }
]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"django": {"handlers": [], "level": "ERROR"}, "django.server": {"handlers": [], "propagate": False}},
}

# The runtime brings its services itself; the workbench asks for the setting all the same.
WORKBENCH: dict[str, Any] = {"services": {}}
# capa serves its display script from its own folder only where no pipeline has collected it.
PIPELINE = {"PIPELINE_ENABLED": False}
REQUIRE_DEBUG = True
XBLOCK_SETTINGS: dict[str, Any] = {}
FEATURES: dict[str, Any] = {}

CASEWORK_MAY_REVIEW = "casework.preview.roles.may_review"
"""Who may review here: the reviewer's desk asks this function, on the platform it asks the platform."""
COMPLETION_BY_VIEWING_DELAY_MS = int(os.environ.get("COMPLETION_BY_VIEWING_DELAY_MS", "5000"))
"""How long a page must be in view to count as read; the platform's own default."""
