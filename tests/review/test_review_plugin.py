"""What Open edX reads to find this app points at things that are there."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.urls import include, re_path, reverse
from django.urls.resolvers import RegexPattern, URLResolver

from casework.review.apps import ReviewConfig

PLUGIN = ReviewConfig.plugin_app
SETTINGS = [(project, kind) for project, kinds in PLUGIN["settings_config"].items() for kind in kinds]


def test_the_lms_gets_the_desk_where_the_preview_has_it_too() -> None:
    config = PLUGIN["url_config"]["lms.djangoapp"]
    module = import_module(f"{ReviewConfig.name}.{config['relative_path']}")
    # As edx-django-utils includes it.
    pattern = re_path(config["regex"], include((module, ReviewConfig.name), namespace=config["namespace"]))
    resolver = URLResolver(RegexPattern(r"^/"), [pattern])
    for address in ("/casework/review/course-v1:A+B+C/", "/casework/review/course-v1:A+B+C/attempt/7/note/"):
        assert resolver.resolve(address).namespace == "casework_review"


def test_studio_has_the_tables_and_no_pages() -> None:
    assert "cms.djangoapp" not in PLUGIN["url_config"]
    assert set(PLUGIN["settings_config"]) == {"lms.djangoapp", "cms.djangoapp"}


@pytest.mark.parametrize(("project", "kind"), SETTINGS)
def test_each_settings_module_leaves_what_an_operator_has_set(project: str, kind: str) -> None:
    path = PLUGIN["settings_config"][project][kind]["relative_path"]
    plugin_settings: Any = import_module(f"{ReviewConfig.name}.{path}").plugin_settings
    empty, given = SimpleNamespace(), SimpleNamespace(CASEWORK_MAY_REVIEW="theirs.may")
    plugin_settings(empty)
    plugin_settings(given)
    assert (empty.CASEWORK_MAY_REVIEW, given.CASEWORK_MAY_REVIEW) == (None, "theirs.may")


def test_an_operators_configuration_file_is_heard() -> None:
    from casework.review.settings.production import plugin_settings

    settings = SimpleNamespace(CASEWORK_MAY_REVIEW=None, ENV_TOKENS={"CASEWORK_MAY_REVIEW": "theirs.may"})
    plugin_settings(settings)
    assert settings.CASEWORK_MAY_REVIEW == "theirs.may"


def test_the_app_is_known_under_its_label() -> None:
    assert apps.get_app_config("casework_review").name == "casework.review"


@pytest.mark.django_db
def test_the_migrations_are_what_the_models_say() -> None:
    call_command("makemigrations", "casework_review", check=True, dry_run=True, verbosity=0)


def test_every_model_says_whether_it_holds_personal_data() -> None:
    for model in apps.get_app_config("casework_review").get_models():
        assert ".. no_pii:" in str(model.__doc__) or ".. pii:" in str(model.__doc__), model


def test_the_addresses_have_names(settings: Any) -> None:
    settings.ROOT_URLCONF = "review.desk_site"
    assert reverse("casework_review:queue", args=["course-v1:A+B+C"]) == "/casework/review/course-v1:A+B+C/"
