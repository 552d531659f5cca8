"""`casework check | build | messages | review | serve | answers`. Arguments in, lines out; every rule lives elsewhere.

Exit status: 0 sound, 1 findings that stop something, 2 wrong usage. Bad content never ends in a traceback.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from casework import __version__

# The curriculum may not know the blocks, so the command line brings the player's words to it.
from casework.blocks.words import WORDS
from casework.catalogs import Message
from casework.curriculum import build, check, files, messages, repository, reviewing
from casework.findings import Finding, found, ordered

OK, FAULTY, USAGE = 0, 1, 2
INTERRUPTED = 130
"""What a shell reports of a command that Ctrl+C ended."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit status. Wrong usage leaves by SystemExit(2), as argparse does."""
    try:
        options = _parser().parse_args(arguments)
        status: int = options.run(options)
        sys.stdout.flush()
        return status
    except _NoRepository:
        return _refuse("no repository here: no folder above this one holds courses/regional", USAGE)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone. Without this, Python complains once more when it closes the stream.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _refuse(f"{where}{error.strerror or error}", FAULTY)


def _refuse(line: str, status: int) -> int:
    print(f"casework: {line}", file=sys.stderr)
    return status


def _told(findings: Iterable[Finding], root: Path, strict: bool = False) -> int:
    """Prints every finding with its path as seen from here, then the counts; the exit status they mean."""
    here = [replace(one, path=_seen_from_here(one.path, root)) for one in findings]
    told = ordered(here)
    for one in told:
        print(one)
    errors = sum(one.is_error for one in told)
    print(f"{_count(errors, 'error')}, {_count(len(told) - errors, 'warning')}")
    return FAULTY if errors or (strict and told) else OK


def _seen_from_here(path: str, root: Path) -> str:
    return os.path.relpath(root / path)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


# -- check ------------------------------------------------------------------------------------------------------------


def _check(options: argparse.Namespace) -> int:
    if options.facts or not options.path:
        root = _here()
        sources, findings = files.gather(root)
        if options.facts:
            print(*check.facts(repository.read(sources)), sep="\n")
            return OK
        return _told([*findings, *check.whole(sources, WORDS)], root, options.strict)
    findings = []
    unknown: list[str] = []
    for name in options.path:
        _one(Path(name), findings, unknown)
    for name in unknown:
        _refuse(f"{name}: no case, page, question, outline, walkthrough, catalog, facts or review", USAGE)
    return USAGE if unknown else _told(findings, Path.cwd(), options.strict)


class _NoRepository(Exception):
    """The current folder is in no repository of courses."""


def _here() -> Path:
    """The repository around the current folder. Raises _NoRepository."""
    root = files.root_of(Path.cwd())
    if root is None:
        raise _NoRepository
    return root


def _one(path: Path, findings: list[Finding], unknown: list[str]) -> None:
    """The findings of one path: a repository, a folder of anything, or a file from anywhere."""
    if not path.exists():
        findings.append(found("unreadable", str(path), 0, detail="there is no such file or folder"))
        return
    path = path.resolve()
    if path.is_dir() and files.root_of(path) == path:
        sources, faults = files.gather(path)
        faults += check.whole(sources, WORDS)
        findings += [replace(one, path=str(path / one.path)) for one in faults]
        return
    root = files.root_of(path.parent) or (path if path.is_dir() else path.parents[min(1, len(path.parents) - 1)])
    sources, faults = files.gather_near(path, root)
    names = [path.relative_to(root).as_posix()] if path.is_file() else files.below(sources, path, root)
    if not names and path.is_dir():
        unknown.append(str(path))
    for name in names:
        said = check.one(name, sources) if name in sources else []
        if said is None:
            unknown.append(name)
        faults += said or []
    findings += [replace(one, path=str(root / one.path)) for one in faults]


# -- build ------------------------------------------------------------------------------------------------------------


def _build(options: argparse.Namespace) -> int:
    root = _here()
    sources, findings = files.gather(root)
    read = repository.read(sources)
    chosen = build.wanted(read, options.country, options.lang, options.audience)
    findings += check.whole(sources, {}, {want.lang for want in chosen})
    if any(one.is_error for one in findings):
        status = _told([one for one in findings if one.is_error], root)
        return _refuse("nothing was built", status)
    if not chosen:
        return _refuse(f"no country has such a package; there are {_packages(read)}", USAGE)
    written: dict[Path, bytes] = {}
    for want in chosen:
        package = build.package(read, sources, want)
        made = package.written(files.commit_of(root))
        written |= {Path(options.out) / name: data for name, data in made.items()}
        print(_line(package, made), flush=True)
    files.write(written)
    return OK


def _packages(read: repository.Repository) -> str:
    return ", ".join(f"{one.country} {one.lang}" for one in build.wanted(read)) or "none"


def _line(package: build.Package, made: Mapping[str, bytes]) -> str:
    facts = package.manifest
    size = len(made[f"{package.stem}.tar.gz"]) // 1024
    translated = (
        "" if facts["language"] == "en" else f", {facts['coverage']} % translated, {facts['reviewed']} % reviewed"
    )
    return f"{package.stem}.tar.gz  {size} KB  {_count(facts['lessons'], 'lesson')}, {_count(facts['cases'], 'case')}{translated}"


# -- messages ---------------------------------------------------------------------------------------------------------


def _messages(options: argparse.Namespace) -> int:
    root = _here()
    sources, findings = files.gather(root)
    read = repository.read(sources)
    languages = [options.lang] if options.lang else check.languages(sources, read)
    for lang in languages:
        extracted = messages.extracted(read, lang, WORDS)
        said, faults = options.verb(sources, extracted, lang, root)
        findings += faults
        print(*said, sep="\n")
    return _told(findings, root) if any(one.is_error for one in findings) else OK


def _extract(
    sources: Mapping[str, bytes], extracted: list[Message], lang: str, root: Path
) -> tuple[list[str], list[Finding]]:
    made, faults = messages.merged(sources, extracted, lang)
    changed = {root / path: data for path, data in made.items() if sources.get(path) != data}
    files.write(changed)
    count = len({(one.catalog, one.key) for one in extracted})
    return [f"{lang}: {_count(count, 'message')} in {_count(len(made), 'catalog')}, {len(changed)} written"], faults


def _status(
    sources: Mapping[str, bytes], extracted: list[Message], lang: str, root: Path
) -> tuple[list[str], list[Finding]]:
    rows, faults = messages.status(sources, extracted, lang)
    said = [f"{'translated':>12} {'reviewed':>9}  {lang}"]
    said += [f"{row.translated:>5} /{row.total:>5} {row.reviewed:>9}  {row.catalog}" for row in rows]
    total = [sum(row.translated for row in rows), sum(row.total for row in rows), sum(row.reviewed for row in rows)]
    return [*said, f"{total[0]:>5} /{total[1]:>5} {total[2]:>9}  all"], faults


# -- review -----------------------------------------------------------------------------------------------------------


def _review(options: argparse.Namespace) -> int:
    root = _here()
    sources, _ = files.gather(root)
    read = repository.read(sources)
    if not options.path:
        return _waiting(read, sources)
    name = os.path.relpath(Path(options.path).absolute(), root).replace(os.sep, "/")
    who = reviewing.Reviewer(options.by, options.role, options.date)
    try:
        path, data, count = reviewing.recorded(name, read, sources, WORDS, who, options.verdict)
    except reviewing.NotReviewable as error:
        return _refuse(str(error), FAULTY)
    files.write({root / path: data})
    print(f"{_seen_from_here(path, root)}: {_count(count, 'text')} {options.verdict} by {options.by}")
    return OK


def _waiting(read: repository.Repository, sources: Mapping[str, bytes]) -> int:
    rows = reviewing.waiting(read, sources, WORDS)
    for row in rows:
        print(f"{row.waits:>5} of {row.total:<5} for {row.whom:<25} {row.path}")
    print(f"{_count(sum(row.waits for row in rows), 'text')} in {_count(len(rows), 'file')} wait for a person")
    return OK


# -- serve ------------------------------------------------------------------------------------------------------------


def _serve(options: argparse.Namespace) -> int:
    try:
        from casework.preview.server import PreviewError, serve
    except ImportError as error:
        return _refuse(f"the preview is not installed ({error}); install casework[preview]", FAULTY)
    try:
        serve([Path(one) for one in options.package], host=options.host, port=options.port)
    except PreviewError as error:
        return _refuse(str(error), FAULTY)
    return OK


# -- answers ----------------------------------------------------------------------------------------------------------

TOKEN = "CASEWORK_TOKEN"  # noqa: S105  the name of a variable, which keeps the token out of the list of processes


def _answers(options: argparse.Namespace) -> int:
    from casework import fetching

    out = Path(options.out)
    wanted = fetching.Wanted(options.url, options.course, options.names, options.case)
    progress = _Progress()
    try:
        count = fetching.fetch(wanted, out, os.environ.get(TOKEN, "").strip(), progress.told)
    except fetching.FetchError as error:
        progress.end()
        return _refuse(str(error), FAULTY)
    except KeyboardInterrupt:
        progress.end()
        raise
    progress.end()
    print(f"{count:,} attempt{'' if count == 1 else 's'} in {out}")
    return OK


class _Progress:
    """How far a download is, on stderr: one line that changes on a terminal, else a line every few seconds."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._pause = 0.2 if self._terminal else 5.0
        self._next = 0.0
        self._said = ""

    def told(self, arrived: int, total: int) -> None:
        now = time.monotonic()
        if now >= self._next or arrived == total:
            line = f"{arrived:,} of {total:,} attempts"
            if line != self._said:
                print(f"\r{line}" if self._terminal else line, end="" if self._terminal else "\n", file=sys.stderr)
                sys.stderr.flush()
            self._next, self._said = now + self._pause, line

    def end(self) -> None:
        if self._terminal and self._said:
            print(file=sys.stderr)


# -- arguments --------------------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="casework", description="Check, build, translate and preview Casework courses."
    )
    parser.add_argument("--version", action="version", version=f"casework {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    one = commands.add_parser("check", help="tell everything that is wrong, at once")
    one.add_argument("path", nargs="*", metavar="PATH", help="a file or folder; without any, the whole repository")
    one.add_argument("--strict", action="store_true", help="warnings count as errors")
    one.add_argument("--facts", action="store_true", help="list facts that are left out, unconfirmed or undated")
    one.set_defaults(run=_check)

    one = commands.add_parser("build", help="build course packages for Open edX")
    one.add_argument("--country", default="", metavar="CC", help="one country (th, id); all without it")
    one.add_argument("--lang", default="", help="one language (th, id, en); all of the country's without it")
    one.add_argument("--audience", default="", help="leave out what is kept for other audiences")
    one.add_argument("--out", default="dist", metavar="DIR", help="where packages and manifests go (dist)")
    one.set_defaults(run=_build)

    one = commands.add_parser("messages", help="catalogs for translators")
    verbs = one.add_subparsers(required=True, metavar="VERB")
    for names, help_text, verb in (
        (("extract", "merge"), "make catalogs, or bring them up to date; keeps every translation", _extract),
        (("status",), "count what is translated and reviewed", _status),
    ):
        for name in names:
            sub = verbs.add_parser(name, help=help_text)
            sub.add_argument("--lang", type=_language, help="one language; all without it")
            sub.set_defaults(run=_messages, verb=verb)

    one = commands.add_parser("review", help="list what waits for a person's eye, or record that somebody has read it")
    one.add_argument("path", nargs="?", metavar="PATH", help="a case or a catalog that was read; without it, the list")
    one.add_argument("--by", default="", metavar="NAME", help="who has read it")
    one.add_argument(
        "--role", default="", metavar="TEXT", help="in which practice: prosecutor, shelter nurse, reader of Thai"
    )
    one.add_argument(
        "--date", default=datetime.now(UTC).date().isoformat(), metavar="YYYY-MM-DD", help="today without it"
    )
    one.add_argument("--verdict", choices=reviewing.VERDICTS, default=reviewing.VERDICTS[0])
    one.set_defaults(run=_review)

    one = commands.add_parser("serve", help="show built packages in a browser")
    one.add_argument("package", nargs="+", metavar="PACKAGE", help="a .tar.gz that was built")
    one.add_argument("--host", default="127.0.0.1")
    one.add_argument("--port", type=int, default=8600)
    one.set_defaults(run=_serve)

    one = commands.add_parser("answers", help="fetch the answers of a course from a platform, as JSON Lines")
    one.add_argument("url", metavar="URL", help="the address of the LMS: https://learn.example.org")
    one.add_argument("course", metavar="COURSE", help="the course's id: course-v1:Org+SAFE+2026")
    one.add_argument("--out", required=True, metavar="FILE", help="where the lines go; FILE.part until all are there")
    one.add_argument(
        "--case", default="", metavar="BLOCK", help="one case alone, by its block's id; the desk's page names it"
    )
    one.add_argument("--names", action="store_true", help="user names beside the aliases, where they are given out")
    one.epilog = f"The token stands in the environment as {TOKEN}. The same command goes on where it was interrupted."
    one.set_defaults(run=_answers)
    return parser


def _language(text: str) -> str:
    from casework.curriculum.localise import LANGUAGES, SOURCE

    if text not in LANGUAGES or text == SOURCE:
        known = ", ".join(sorted(set(LANGUAGES) - {SOURCE}))
        raise argparse.ArgumentTypeError(f"“{text}” is no language we prepare for: {known}")
    return text


if __name__ == "__main__":
    sys.exit(main())
