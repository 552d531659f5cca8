"""What an operator's configuration file says goes before the default."""

from typing import Any


def plugin_settings(settings: Any) -> None:
    tokens = getattr(settings, "ENV_TOKENS", {})
    settings.CASEWORK_MAY_REVIEW = tokens.get("CASEWORK_MAY_REVIEW", getattr(settings, "CASEWORK_MAY_REVIEW", None))
