"""`casework serve`: built packages in a browser."""

from __future__ import annotations

import argparse
from pathlib import Path

from casework.cli.common import FAULTY, OK, Commands, refuse


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
    one = commands.add_parser("serve", help="show built packages in a browser")
    one.add_argument("package", nargs="+", metavar="PACKAGE", help="a .tar.gz that was built")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", type=int, default=8600)
    one.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> int:
    try:
        from casework.preview.server import PreviewError, serve
    except ImportError as error:
        return refuse(f"the preview is not installed ({error}); install casework[preview]", FAULTY)
    try:
        serve([Path(one) for one in options.package], host=options.host, port=options.port)
    except PreviewError as error:
        return refuse(str(error), FAULTY)
    return OK
