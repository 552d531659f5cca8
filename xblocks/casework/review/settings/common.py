"""Defaults for LMS and Studio. A value that is already there is left alone."""

from typing import Any


def plugin_settings(settings: Any) -> None:
    """CASEWORK_MAY_REVIEW: dotted name of a function `(user, course_id) -> bool` that decides who may review; None
    leaves it to the platform's own roles."""
    if not hasattr(settings, "CASEWORK_MAY_REVIEW"):
        settings.CASEWORK_MAY_REVIEW = None
