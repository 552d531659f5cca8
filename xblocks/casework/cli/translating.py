"""`casework messages`: catalogs for translators."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

# The curriculum may not know the blocks, so the command line brings the player's words to it.
from casework.blocks.words import WORDS
from casework.catalogs import Message
from casework.cli import msgfmt
from casework.cli.common import FAULTY, OK, Commands, count, here, refuse, told
from casework.curriculum import check, files, messages, repository, table
from casework.curriculum.messages import NotInstalled
from casework.curriculum.repository import Repository
from casework.findings import Finding


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
    one = commands.add_parser("messages", help="catalogs for translators")
    verbs = one.add_subparsers(required=True, metavar="VERB")
    for names, help_text, run in (
        (("extract", "merge"), "make catalogs, or bring them up to date; keeps every translation", _merge),
        (("status",), "count what is translated, doubtful and reviewed", _status),
        (("check",), "say what is wrong with translations", _check),
    ):
        for name in names:
            sub = verbs.add_parser(name, help=help_text)
            sub.add_argument("--lang", type=_language, help="one language; all without it")
            sub.set_defaults(run=run)
            if name == "status":
                sub.add_argument("--json", action="store_true", help="as JSON")
    sub = verbs.add_parser("table", help="one spreadsheet for a language, and back")
    sub.add_argument("--lang", type=_language, required=True, help="the language")
    way = sub.add_mutually_exclusive_group(required=True)
    way.add_argument("--out", metavar="FILE.xlsx", help="write every message with its translation")
    way.add_argument("--in", dest="sheet", metavar="FILE.xlsx", help="take what was changed in it into the catalogs")
    sub.set_defaults(run=_table)


@dataclass(frozen=True)
class _Here:
    """The repository around the current folder, and the languages that were asked for."""

    root: Path
    sources: Mapping[str, bytes]
    read: Repository
    findings: list[Finding]
    languages: list[str]

    def asked(self, lang: str) -> list[Message]:
        return messages.extracted(self.read, lang, WORDS)


def _gathered(lang: str | None) -> _Here:
    root = here()
    sources, findings = files.gather(root)
    read = repository.read(sources)
    return _Here(root, sources, read, findings, [lang] if lang else check.languages(sources, read))


def _ended(findings: list[Finding], root: Path) -> int:
    """Tells what was found, where an error is among it."""
    return told(findings, root) if any(one.is_error for one in findings) else OK


def _merge(options: argparse.Namespace) -> int:
    one = _gathered(options.lang)
    suggesting = True
    for lang in one.languages:
        asked = one.asked(lang)
        try:
            made, faults = messages.merged(one.sources, asked, lang, suggesting)
        except NotInstalled as error:
            print(f"casework: nothing is suggested: {_missing(error)}", file=sys.stderr)
            suggesting = False
            made, faults = messages.merged(one.sources, asked, lang, suggesting)
        one.findings.extend(faults)
        changed = {one.root / path: data for path, data in made.items() if one.sources.get(path) != data}
        files.write(changed)
        total = len({(message.catalog, message.key) for message in asked})
        print(f"{lang}: {count(total, 'message')} in {count(len(made), 'catalog')}, {len(changed)} written")
    return _ended(one.findings, one.root)


def _status(options: argparse.Namespace) -> int:
    one = _gathered(options.lang)
    told_as_json = {}
    for lang in one.languages:
        rows, faults = messages.status(one.sources, one.asked(lang), lang)
        one.findings.extend(faults)
        total = messages.summed(rows, "all")
        if options.json:
            told_as_json[lang] = {"catalogs": [asdict(row) for row in rows], "all": asdict(total)}
            continue
        print(f"{'translated':>12} {'fuzzy':>6} {'reviewed':>9}  {lang}")
        for row in [*rows, total]:
            print(f"{row.translated:>5} /{row.total:>5} {row.fuzzy:>6} {row.reviewed:>9}  {row.catalog}")
    if options.json:
        print(json.dumps(told_as_json, ensure_ascii=False, indent=2))
        faulty = [finding for finding in one.findings if finding.is_error]
        for finding in faulty:
            print(finding, file=sys.stderr)
        return FAULTY if faulty else OK
    return _ended(one.findings, one.root)


def _check(options: argparse.Namespace) -> int:
    one = _gathered(options.lang)
    for lang in one.languages:
        one.findings.extend(messages.check(one.sources, one.read, lang, WORDS))
        for path in sorted(one.sources) if msgfmt.is_here() else ():
            if path.startswith(f"locale/{lang}/") and path.endswith(".po"):
                one.findings.extend(msgfmt.findings(one.sources[path], path))
    if not msgfmt.is_here():
        print(f"casework: {msgfmt.PROGRAM} is not installed, its check was left out", file=sys.stderr)
    return told(one.findings, one.root)


def _table(options: argparse.Namespace) -> int:
    one = _gathered(options.lang)
    try:
        return _table_written(one, options) if options.out else _table_taken(one, options)
    except NotInstalled as error:
        return refuse(_missing(error), FAULTY)
    except table.TableError as error:
        return refuse(f"{options.out or options.sheet}: {error}", FAULTY)


def _table_written(one: _Here, options: argparse.Namespace) -> int:
    rows, faults = table.rows(one.sources, one.asked(options.lang), options.lang)
    if any(finding.is_error for finding in faults):
        return told(faults, one.root)
    files.write({Path(options.out): table.written(rows, options.lang)})
    print(f"{options.out}: {count(len(rows), 'message')}")
    return OK


def _table_taken(one: _Here, options: argparse.Namespace) -> int:
    path = Path(options.sheet).absolute()
    data = files.load(path, str(path), one.findings)
    if data is None:
        return told([finding for finding in one.findings if finding.path == str(path)], one.root)
    rows, findings = table.read(data, options.lang, str(path))
    asked = one.asked(options.lang)
    made, number, faults = table.taken(rows, one.sources, asked, options.lang, str(path))
    files.write({one.root / name: catalog for name, catalog in made.items()})
    print(f"{count(number, 'translation')} taken, in {count(len(made), 'catalog')}")
    return told([*findings, *faults], one.root) if findings or faults else OK


def _missing(error: NotInstalled) -> str:
    return f"{error} is not installed; pip install 'casework[translate]'"


def _language(text: str) -> str:
    from casework.curriculum.speakers import LANGUAGES, SOURCE

    if text not in LANGUAGES or text == SOURCE:
        known = ", ".join(sorted(set(LANGUAGES) - {SOURCE}))
        raise argparse.ArgumentTypeError(f"“{text}” is no language we prepare for: {known}")
    return text
