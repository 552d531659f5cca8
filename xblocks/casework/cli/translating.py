"""`casework messages`: catalogs for translators."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

# The curriculum may not know the blocks, so the command line brings the player's words to it.
from casework.blocks.words import WORDS
from casework.catalogs import Message
from casework.cli.common import OK, Commands, count, here, told
from casework.curriculum import check, files, messages, repository
from casework.findings import Finding


def add(commands: Commands) -> None:
    """Takes its place among the commands."""
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


def _messages(options: argparse.Namespace) -> int:
    root = here()
    sources, findings = files.gather(root)
    read = repository.read(sources)
    languages = [options.lang] if options.lang else check.languages(sources, read)
    for lang in languages:
        extracted = messages.extracted(read, lang, WORDS)
        said, faults = options.verb(sources, extracted, lang, root)
        findings += faults
        print(*said, sep="\n")
    return told(findings, root) if any(one.is_error for one in findings) else OK


def _extract(
    sources: Mapping[str, bytes], extracted: list[Message], lang: str, root: Path
) -> tuple[list[str], list[Finding]]:
    made, faults = messages.merged(sources, extracted, lang)
    changed = {root / path: data for path, data in made.items() if sources.get(path) != data}
    files.write(changed)
    total = len({(one.catalog, one.key) for one in extracted})
    return [f"{lang}: {count(total, 'message')} in {count(len(made), 'catalog')}, {len(changed)} written"], faults


def _status(
    sources: Mapping[str, bytes], extracted: list[Message], lang: str, root: Path
) -> tuple[list[str], list[Finding]]:
    rows, faults = messages.status(sources, extracted, lang)
    said = [f"{'translated':>12} {'reviewed':>9}  {lang}"]
    said += [f"{row.translated:>5} /{row.total:>5} {row.reviewed:>9}  {row.catalog}" for row in rows]
    total = [sum(row.translated for row in rows), sum(row.total for row in rows), sum(row.reviewed for row in rows)]
    return [*said, f"{total[0]:>5} /{total[1]:>5} {total[2]:>9}  all"], faults


def _language(text: str) -> str:
    from casework.curriculum.localise import LANGUAGES, SOURCE

    if text not in LANGUAGES or text == SOURCE:
        known = ", ".join(sorted(set(LANGUAGES) - {SOURCE}))
        raise argparse.ArgumentTypeError(f"“{text}” is no language we prepare for: {known}")
    return text
