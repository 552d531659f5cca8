"""What the commands for operators have in common."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand


class CarefulCommand(BaseCommand):
    def run_from_argv(self, argv: list[str]) -> None:
        """Wrong input ends with 1, whoever notices it; argparse would say 2."""
        try:
            super().run_from_argv(argv)
        except SystemExit as stop:
            sys.exit(1 if stop.code == 2 else stop.code)


def is_id(text: Any) -> bool:
    """Whether this can be an id. An empty value is none: from a variable that was not set it would mean everything."""
    return isinstance(text, str) and 0 < len(text) <= 255 and text.isprintable() and not any(map(str.isspace, text))
