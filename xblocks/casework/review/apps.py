"""How Django and Open edX find this app. Only wiring."""

from typing import Any, ClassVar

from django.apps import AppConfig

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
    }
