"""Django's entry to the preview. Only wiring; the work is in `records.py`."""

from contextlib import suppress
from importlib import import_module

from django.apps import AppConfig
from django.db import connection


class PreviewConfig(AppConfig):
    name = "casework.preview"
    label = "casework_preview"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from casework.preview import records

        records.listen()
        if connection.vendor == "mysql":
            _skip_conversion()


def _skip_conversion() -> None:
    """Leaves out a step of edx-submissions (0006, seen in 4.0.2) that fails on every MariaDB: it converts a column that
    one of its tables never had. A database made under Django 5, as all of ours are, has nothing to convert."""
    with suppress(ImportError):
        import_module("submissions.migrations.0006_mariadb_uuid_conversion").Migration.operations = []
