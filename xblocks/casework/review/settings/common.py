"""Every setting there is, with its default for LMS and Studio. A value that is already there is left alone.

`docs/operators.md` tells operators what each is for. What names a function is the dotted name of one, or None for the
platform's own answer; `casework/platform.py` says how it is called.
"""

from pathlib import Path
from typing import Any

from casework.platform import SECTIONS_FILTER, TABS_FILTER

FUNCTIONS = (
    "CASEWORK_MAY_REVIEW",
    "CASEWORK_MAY_SEE_NAMES",
    "CASEWORK_USER_OF_TOKEN",
    "CASEWORK_COHORTS",
    "CASEWORK_LEARNERS_IN",
    "CASEWORK_USERNAMES",
    "CASEWORK_ANONYMOUS_IDS",
)
DEFAULTS: dict[str, Any] = {
    **dict.fromkeys(FUNCTIONS),
    "CASEWORK_NAMES": False,
    "CASEWORK_SAFEGUARDING_CONTACT": "",
}
STEPS = {
    TABS_FILTER: "casework.review.plugin.DeskTab",
    SECTIONS_FILTER: "casework.review.plugin.DeskSection",
}
"""What we add to the pipelines of openedx-filters."""
MAKO = Path(__file__).parents[1] / "templates" / "mako"
"""Templates of the legacy instructor dashboard, which are written in Mako."""


def plugin_settings(settings: Any) -> None:
    for name, default in DEFAULTS.items():
        if not hasattr(settings, name):
            setattr(settings, name, default)
    add_to_dashboards(settings)


def add_to_dashboards(settings: Any) -> None:
    """Brings the desk's tab into both instructor dashboards, beside what an operator or another plug-in has there. A second
    time it adds nothing: an operator's file may replace these settings as a whole, so production asks once more."""
    pipelines = dict(getattr(settings, "OPEN_EDX_FILTERS_CONFIG", None) or {})
    for name, step in STEPS.items():
        pipelines[name] = _with_step(pipelines.get(name), step)
    settings.OPEN_EDX_FILTERS_CONFIG = pipelines
    # In place, as other plug-ins do: the platform has handed these lists on already.
    engines = [one for one in getattr(settings, "TEMPLATES", ()) if "mako" in str(one.get("BACKEND", ""))]
    for folders in (getattr(settings, "MAKO_TEMPLATE_DIRS_BASE", None), *(one.get("DIRS") for one in engines)):
        if isinstance(folders, list) and str(MAKO) not in map(str, folders):
            folders.append(MAKO)


def _with_step(configured: Any, step: str) -> Any:
    """A pipeline's configuration with our step last, in whichever of the three forms the operator has chosen."""
    if not configured:
        return {"fail_silently": True, "pipeline": [step]}
    if isinstance(configured, dict):
        return {**configured, "pipeline": _with(configured.get("pipeline"), step)}
    return _with(configured, step)


def _with(steps: Any, step: str) -> list[str]:
    there = [steps] if isinstance(steps, str) else list(steps or ())
    return there if step in there else [*there, step]
