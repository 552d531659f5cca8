"""How Django and Open edX find this app. Only wiring."""

from typing import Any, ClassVar

from django.apps import AppConfig

from casework.platform import RETIREMENT_SIGNAL

_SETTINGS = {
    "common": {"relative_path": "settings.common"},
    "production": {"relative_path": "settings.production"},
}


class ReviewConfig(AppConfig):
    """In the LMS with the desk's pages; in Studio for the tables alone, since the block imports the door in both."""

    name = "casework.review"
    label = "casework_review"
    verbose_name = "Casework: attempts and reviews"
    default_auto_field = "django.db.models.BigAutoField"

    plugin_app: ClassVar[dict[str, Any]] = {
        "url_config": {
            "lms.djangoapp": {"namespace": "casework_review", "regex": r"^casework/", "relative_path": "urls"},
        },
        "settings_config": {"lms.djangoapp": _SETTINGS, "cms.djangoapp": _SETTINGS},
        # Accounts are retired in the LMS alone. Should the signal ever move, the LMS does not start: better than an
        # account that is gone while its texts are not.
        "signals_config": {
            "lms.djangoapp": {
                "relative_path": "plugin",
                "receivers": [{"receiver_func_name": "forget_retired", "signal_path": RETIREMENT_SIGNAL}],
            },
        },
    }

    def ready(self) -> None:
        from casework.review import plugin  # noqa: F401  registers the check of our settings
