"""How fast packages are built, beside `tar czf` of the same files: the third part of `make bench`.

One package from sources that have been read; all packages of the repository, by the command; growth with the text; peak memory
with few packages and with many. Prints tables; nothing is asserted.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from casework.cli import packing
from casework.curriculum import build, files, repository
from casework.curriculum.build import Wanted

ROOT = Path(__file__).resolve().parents[1]
TIMES = 5
MORE = 20
"""Countries that the repository gets more to measure memory: each has two packages."""
COMMAND = """
import resource, sys
from casework import cli
status = cli.main(["build", *sys.argv[1:]])
for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
    print("PEAK", resource.getrusage(who).ru_maxrss // 1024)
sys.exit(status)
"""


def main() -> int:
    with TemporaryDirectory() as folder:
        memory(Path(folder))  # first: a process takes its parent's peak for its own
    sources, _ = files.gather(ROOT)
    read = repository.read(sources)
    job = packing.Job(read, sources, "", "bench")
    wants = build.wanted(read)
    print(f"\n{len(sources)} sources, {sum(map(len, sources.values())) // 1024:,} KB; {packing.cores()} cores")
    print(f"\n{'one package, sources read':<28} {'built, ms':>10} {'tar czf':>8} {'ratio':>6}   (of the processor)")
    with TemporaryDirectory() as folder:
        tars = {want: one(job, want, Path(folder)) for want in wants}
        all_of(tars, Path(folder))
        growth(sources)
    return 0


def processor() -> float:
    """Seconds of the processor's time, of this process and of those that it has waited for."""
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def timed(work: Callable[[], object], times: int = TIMES) -> float:
    """The median of milliseconds of the processor, which other work on the machine does not change."""
    work()
    spent = []
    for _ in range(times):
        began = processor()
        work()
        spent.append((processor() - began) * 1000)
    return median(spent)


def one(job: packing.Job, want: Wanted, folder: Path) -> float:
    """Prints a package's time beside tar's, which is returned."""
    made = build.package(job.repository, job.sources, want).files
    tree = folder / want.stem
    for path, data in made.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(data)
    ours = timed(lambda: packing.made(job, want))
    command = ["tar", "czf", str(folder / "bench.tar.gz"), "-C", str(folder), want.stem]
    tar = timed(lambda: subprocess.run(command, check=True))
    print(f"{want.stem:<28} {ours:>10.0f} {tar:>8.0f} {ours / tar:>6.1f}")
    return tar


def command(root: Path, out: Path, *more: str) -> tuple[float, float, list[int]]:
    """(milliseconds by the clock, of the processor, peak MB of the first process and of its largest worker): `casework build`."""
    began, worked = time.perf_counter(), processor()
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "xblocks")}
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "--out", str(out), *more],
        cwd=root, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    spent = (time.perf_counter() - began) * 1000
    return (
        spent,
        (processor() - worked) * 1000,
        [int(line.split()[1]) for line in done.stdout.splitlines() if line.startswith("PEAK")],
    )


def all_of(tars: dict[Wanted, float], folder: Path) -> None:
    share = sum(tars.values())
    print(
        f"\n{f'all {len(tars)} packages, by the command':<34} {'clock':>7} {'processor, ms':>14} {'sum of tar':>11} {'ratio':>6}"
    )
    for name, more in (("everything built", ["--force"]), ("nothing has changed", [])):
        clock, spent, _ = command(ROOT, folder / "all", *more)
        print(f"{name:<34} {clock:>7.0f} {spent:>14.0f} {share:>11.0f} {spent / share:>6.1f}")


def growth(sources: dict[str, bytes]) -> None:
    """The package in English with every page many times as long."""
    print(f"\n{'text of every page':<28} {'KB':>8} {'built, ms':>10} {'ms a KB':>8}")
    for times in (1, 10, 100):
        longer = {
            path: (data.rstrip(b"\n") + b"\n\n") * times
            if path.startswith("courses/regional/") and path.endswith(".md")
            else data
            for path, data in sources.items()
        }
        job = packing.Job(repository.read(longer), longer, "", "bench")
        size = sum(len(data) for path, data in longer.items() if path.endswith(".md")) // 1024
        began = processor()
        packing.made(job, Wanted("th", "en"))
        spent = (processor() - began) * 1000
        print(f"{f'{times} times':<28} {size:>8,} {spent:>10.0f} {spent / size:>8.2f}")


def memory(folder: Path) -> None:
    """Peak memory with the repository's packages, and with those of many countries that are Thailand by other names."""
    print(f"{'peak memory, MB':<28} {'packages':>9} {'first process':>14} {'largest worker':>15}")
    root = folder / "many"
    for name in files.FOLDERS:
        shutil.copytree(ROOT / name, root / name)
    for number in range(MORE):
        code = "q" + chr(ord("a") + number)
        home = root / "courses" / "countries" / code
        shutil.copytree(ROOT / "courses" / "countries" / "th", home)
        facts = home / "country.toml"
        facts.write_text(facts.read_text(encoding="utf-8").replace('code = "th"', f'code = "{code}"'), encoding="utf-8")
    for where in (ROOT, root):
        out = folder / f"out-{where.name}"
        _, _, (first, worker) = command(where, out, "--force")
        print(f"{'':<28} {len(list(out.glob('*.tar.gz'))):>9} {first:>14} {worker:>15}")


if __name__ == "__main__":
    sys.exit(main())
