"""How fast a case is read, checked, opened and answered: the second part of `make bench`, or `python scripts/bench_blocks`.

Beside our block stand the nearest work of drag-and-drop-v2 and of ora2, on the same test runtime and the same store, in one
process. They are installed into a folder of their own, which is taken away again; where that cannot be, they are left out.
Prints tables; nothing is asserted.
"""

from __future__ import annotations

import argparse
import glob
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
OTHERS = ["xblock-drag-and-drop-v2==5.1.2", "ora2==7.1.2", "celery"]


def main() -> int:
    asked = argparse.ArgumentParser(
        prog="bench_blocks", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    asked.add_argument("--alone", action="store_true", help="without the others, so that nothing is installed")
    given = asked.parse_args()
    with TemporaryDirectory() as folder:
        python = None if given.alone else installed(Path(folder))
        command = [python or sys.executable, "-W", "ignore", str(HERE / "measure.py")]
        return subprocess.call(command, env={**os.environ, "DATABASE_URL": f"sqlite:///{folder}/bench.sqlite3"})


def installed(folder: Path) -> str | None:
    """A Python that has the others, and through its path everything that this one has; None where they cannot be had."""
    uv = Path(sys.executable).with_name("uv")
    constraints = ROOT / "constraints" / f"py{sys.version_info[0]}{sys.version_info[1]}.txt"
    python = folder / "venv" / "bin" / "python"
    for command in (
        [uv, "venv", "--quiet", "--python", sys.executable, folder / "venv"],
        [uv, "pip", "install", "--quiet", "--python", python, "--constraint", constraints, *OTHERS],
    ):
        done = subprocess.run([str(one) for one in command], capture_output=True, text=True, check=False)
        if done.returncode:
            lines = done.stderr.strip().splitlines()
            print(
                f"drag-and-drop-v2 and ora2 cannot be installed here, left out: {lines[-1] if lines else 'no output'}"
            )
            return None
    (own,) = glob.glob(str(folder / "venv" / "lib" / "python*" / "site-packages"))
    # Behind its own packages, which have the versions that we have.
    ours = [str(ROOT / "xblocks"), *(one for one in sys.path if one.endswith("site-packages"))]
    Path(own, "casework_bench.pth").write_text("\n".join(ours) + "\n", encoding="utf-8")
    return str(python)


if __name__ == "__main__":
    sys.exit(main())
