"""What an operator's configuration file says goes before the default."""

from typing import Any

from casework.review.settings.common import DEFAULTS, add_to_dashboards


def plugin_settings(settings: Any) -> None:
    tokens = getattr(settings, "ENV_TOKENS", {})
    for name, default in DEFAULTS.items():
        setattr(settings, name, tokens.get(name, getattr(settings, name, default)))
    add_to_dashboards(settings)
