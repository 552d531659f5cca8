"""A language's messages as one spreadsheet, for translators who have no other program; and back. Bytes in, bytes out.

Every cell is text: what begins with = + - @ is no formula, here and where it is opened. The last column marks what a row
said when the sheet was written. So it is known what was changed in the sheet, and what in the catalog since.

A sheet comes from anywhere. It is looked at as an archive before anything reads it as a sheet, and nothing in it names a
file: rows are looked up among the messages that are asked.
"""

from __future__ import annotations

import io
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass
from typing import Any

from casework import catalogs
from casework.catalogs import Message, Said, fingerprint
from casework.curriculum import messages, sound
from casework.curriculum.messages import NotInstalled
from casework.curriculum.outline import Sources
from casework.findings import Finding, found

COLUMNS = ("catalog", "context", "comment", "English", "translation", "state", "mark")
WIDTHS = (24, 28, 28, 60, 60, 13, 18)
UNTRANSLATED, FUZZY, TRANSLATED, REVIEWED = "untranslated", "fuzzy", "translated", "reviewed"

MOST_ROWS = 50_000
MOST_PARTS = 200
MOST_BYTES = 64_000_000
"""Of a sheet unpacked. A whole language of this course takes a tenth of it."""
LONGEST = 32_767
"""Characters that a cell can hold."""


class TableError(ValueError):
    """This is no sheet that can be taken, or be written; the message says why in one line."""


@dataclass(frozen=True)
class Row:
    """One message in a sheet."""

    catalog: str
    context: str
    comment: str
    english: str
    translation: str
    state: str
    mark: str

    @property
    def message(self) -> Message:
        return Message(self.catalog, self.context, self.english)


def _mark(message: Message, said: Said) -> str:
    return fingerprint(message, f"{FUZZY if said.fuzzy else ''}\0{said.translation}")


# -- out --------------------------------------------------------------------------------------------------------------


def rows(sources: Sources, asked: Iterable[Message], lang: str) -> tuple[list[Row], list[Finding]]:
    """A row for each message, in reading order, with what the catalogs say."""
    findings = messages.read(sources, lang)[1]
    approved, faults = messages.approvals(sources, lang)
    known = _said(sources, lang)
    out = []
    for one in {(one.catalog, one.key): one for one in asked}.values():
        said = known.get(one.catalog, {}).get(one.key, Said("", False))
        out.append(
            Row(one.catalog, one.context, one.comment, one.text, said.translation, _state(one, said, approved), _mark(one, said))
        )  # fmt: skip
    return out, [*findings, *faults]


def _said(sources: Sources, lang: str) -> dict[str, dict[catalogs.Key, Said]]:
    return {
        name: catalogs.said(sources[catalog.path], catalog.path)
        for name, catalog in messages.read(sources, lang)[0].items()
    }


def _state(message: Message, said: Said, approved: frozenset[str]) -> str:
    if not said.translation.strip():
        return UNTRANSLATED
    if said.fuzzy:
        return FUZZY
    return REVIEWED if fingerprint(message, said.translation) in approved else TRANSLATED


def written(given: Iterable[Row], lang: str) -> bytes:
    """The sheet as `.xlsx`. Raises TableError where a text has no place in a cell, NotInstalled without openpyxl."""
    try:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
        from openpyxl.styles import Alignment
    except ImportError as error:
        raise NotInstalled("openpyxl") from error

    given = list(given)
    for text in (text for row in given for text in astuple(row)):
        if len(text) > LONGEST:
            raise TableError(f"“{text[:40]}…” has more than {LONGEST} characters, the most that a cell can hold")
        if ILLEGAL_CHARACTERS_RE.search(text):
            raise TableError(f"“{text[:40]!r}” holds a control character")
    book = Workbook(write_only=True)
    sheet = book.create_sheet(lang)
    sheet.freeze_panes = "A2"
    for column, width in zip("ABCDEFG", WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    wrapped = Alignment(wrap_text=True, vertical="top")

    def cell(text: str) -> Any:
        made = WriteOnlyCell(sheet, value=text or None)
        made.number_format, made.alignment = "@", wrapped
        if text:
            made.data_type = "s"
        # Where the cell is edited it stays text, whatever it begins with; so does what is typed into an empty one.
        made.quotePrefix = text[:1] in {"=", "+", "-", "@"}
        return made

    sheet.append([cell(name) for name in COLUMNS])
    for row in given:
        sheet.append([cell(text) for text in astuple(row)])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# -- in ---------------------------------------------------------------------------------------------------------------


def read(data: bytes, lang: str, path: str) -> tuple[dict[int, Row], list[Finding]]:
    """The rows of a sheet by their number, and which of them are none. Raises TableError, or NotInstalled."""
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise NotInstalled("openpyxl") from error

    _looked_at(data)
    findings: list[Finding] = []
    try:
        with warnings.catch_warnings():
            # What openpyxl leaves out of a sheet (styles, pictures) is nothing to us.
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
            if lang not in book.sheetnames:
                raise TableError(f"it has no sheet “{lang}”")
            given = dict(_rows(book[lang], path, findings))
    except TableError:
        raise
    # Not a list of its errors: what a hostile sheet raises in openpyxl is any of them.
    except Exception as error:
        raise TableError(f"it is no sheet that can be read ({type(error).__name__})") from error
    return given, findings


def _looked_at(data: bytes) -> None:
    """Raises TableError on what is no archive of a sheet, is a bomb, or holds what no sheet of ours has."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise TableError("it is an old or a locked workbook; save it as .xlsx, without a password")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_BYTES:
                raise TableError(f"it unpacks to more than {MOST_PARTS} parts or {MOST_BYTES // 1_000_000} MB")
            for part in parts:
                name = part.filename.lower()
                if "vbaproject" in name or "macrosheets/" in name:
                    raise TableError("it holds a macro")
                if "externallinks/" in name:
                    raise TableError("it is linked to another workbook")
                if part.flag_bits & 1:
                    raise TableError("it is locked with a password")
                if name.endswith((".xml", ".rels")):
                    _part_looked_at(archive.read(part))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, TableError):
            raise
        raise TableError("it is no .xlsx file") from error


def _part_looked_at(xml: bytes) -> None:
    """Only UTF-8: in another encoding an entity could hide from the next question."""
    declared = re.match(rb"(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", xml)
    try:
        text = xml.decode("utf-8")
    except UnicodeDecodeError as error:
        raise TableError("it is not written in UTF-8") from error
    if "\0" in text or (declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}):
        raise TableError("it is not written in UTF-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise TableError("it holds a document type or an entity")


def _rows(sheet: Any, path: str, findings: list[Finding]) -> Iterator[tuple[int, Row]]:
    most = MOST_ROWS + 2
    number = 0
    for number, cells in enumerate(sheet.iter_rows(min_row=1, max_row=most, max_col=len(COLUMNS) + 1), 1):
        if number == most:
            raise TableError(f"it has more than {MOST_ROWS} rows")
        for at, cell in enumerate(cells):
            if cell.data_type == "f":
                raise TableError(f"it holds a formula, in {'ABCDEFGH'[at]}{number}")
        values = [cell.value for cell in cells]
        if number == 1:
            if [value for value in values if value is not None] != list(COLUMNS):
                raise TableError("its columns are not " + ", ".join(COLUMNS))
        elif any(value is not None for value in values):
            texts = [_text(value) for value in values[: len(COLUMNS)]]
            other = next((at for at, one in enumerate(texts) if one is None), None)
            if other is None:
                yield number, Row(*(one or "" for one in texts))
            else:
                findings.append(
                    found("bad-row", path, number, detail=f"{'ABCDEFG'[other]}{number} is a number or a date, not a text")
                )  # fmt: skip
    if not number:
        raise TableError("it is empty")


def _text(value: object) -> str | None:
    """A cell's text, with line breaks as a catalog has them; None where it is something else."""
    if value is None:
        return ""
    return value.replace("_x000D_", "").replace("\r\n", "\n") if isinstance(value, str) else None


def taken(
    given: Mapping[int, Row], sources: Sources, asked: Iterable[Message], lang: str, path: str
) -> tuple[dict[str, bytes], int, list[Finding]]:
    """(catalogs with what the sheet changed, by path; how many translations; what was not taken, and why).

    A row is taken where its translation was changed, or its state set from fuzzy to another, where the catalog still says
    what it said when the sheet was written, and where the translation is sound.
    """
    known = _said(sources, lang)
    wanted = {(one.catalog, one.key): one for one in asked}
    new: dict[str, dict[catalogs.Key, Said]] = {}
    findings: list[Finding] = []
    seen: set[tuple[str, catalogs.Key]] = set()
    for number, row in given.items():
        key = row.message.key
        said = _row_said(row)
        if said is None:
            continue
        if (row.catalog, key) in seen:
            findings.append(
                found("bad-row", path, number, row.context, detail="the same message stands in a row above")
            )
            continue
        seen.add((row.catalog, key))
        before = known.get(row.catalog, {}).get(key)
        message = wanted.get((row.catalog, key))
        faults = list(_parted(row, said, before, message, wanted, (path, number)))
        if message and not faults and before != said:
            faults = sound.faults(message, said.translation, lang, path, number)
        findings += faults
        if before != said and not any(one.is_error for one in faults):
            new.setdefault(row.catalog, {})[key] = said
    files = {
        messages.path_of(lang, name): catalogs.changed(sources[messages.path_of(lang, name)], group).encode()
        for name, group in new.items()
    }
    return files, sum(map(len, new.values())), findings


def _row_said(row: Row) -> Said | None:
    """What a row says that was changed since it was written; None where nothing was."""
    doubted = row.state.strip() == FUZZY
    if row.mark == _mark(row.message, Said(row.translation, doubted)):
        return None
    only_state = row.mark == _mark(row.message, Said(row.translation, not doubted))
    return Said(row.translation, doubted and only_state)


def _parted(
    row: Row,
    said: Said,
    before: Said | None,
    message: Message | None,
    wanted: Mapping[tuple[str, catalogs.Key], Message],
    at: tuple[str, int],
) -> Iterator[Finding]:
    """Why a changed row cannot be taken."""
    path, number = at
    if not said.translation.strip():
        yield found("bad-row", path, number, row.context, detail="an empty cell takes no translation away")
    elif message is None:
        there = any((one.catalog, one.context) == (row.catalog, row.context) for one in wanted.values())
        detail = "the English text is another one now" if there else "the course does not have this message any more"
        yield found("table-conflict", path, number, row.context, detail=detail)
    elif before is None:
        detail = "the catalog does not have this message yet; run casework messages merge"
        yield found("table-conflict", path, number, row.context, detail=detail)
    elif before != said and _mark(row.message, before) != row.mark:
        detail = f"the catalog says “{before.translation[:60]}” since"
        yield found("table-conflict", path, number, row.context, detail=detail)
