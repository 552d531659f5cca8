"""A language as a spreadsheet: what goes out comes back, and nothing else does."""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace

import pytest
from openpyxl import Workbook, load_workbook

import trees
from casework import catalogs
from casework.catalogs import Message, Said
from casework.curriculum import messages, repository, table
from casework.curriculum.table import Row, TableError

HARD = {
    "lines": "บรรทัดหนึ่ง\nบรรทัดสอง",
    "spaces": "  สอง  ช่อง ",
    "equals": "=1+1",
    "plus": "+66 1300",
    "minus": "-5",
    "at": "@SUM(A1)",
    "formula": '=HYPERLINK("https://a.org")',
    "khmer": "ការជួញដូរ\u200bមនុស្ស ១៣០០",
    "burmese": "လူကုန်ကူးမှု တိုက်ဖျက်ရေး ဥပဒေ",
    "lao": "ການຄ້າມະນຸດ",
    "number": "0123",
    "date": "2026-11-24",
    "true": "TRUE",
    "quotes": "'\"“<&>”",
    "empty": "",
}


def row(name: str, translation: str, fuzzy: bool = False) -> Row:
    message = Message("curriculum/x", f"{name}/p", f"English of {name}.")
    mark = table._mark(message, Said(translation, fuzzy))
    return Row(message.catalog, message.context, "paragraph", message.text, translation, "translated", mark)


def test_every_text_comes_back_as_it_went() -> None:
    given = [row(name, text) for name, text in HARD.items()]
    back, findings = table.read(table.written(given, "th"), "th", "x.xlsx")
    assert list(back.values()) == given and findings == []
    assert list(back) == list(range(2, len(given) + 2))


def test_no_cell_of_the_sheet_is_a_formula_or_a_number() -> None:
    data = table.written([row(name, text) for name, text in HARD.items()], "th")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet and "<v>" not in sheet
    cells = [cell for line in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows() for cell in line]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    assert {cell.number_format for cell in cells} == {"@"}, "an empty cell stays one for text, too"
    quoted = {cell.value for cell in cells if cell.quotePrefix}
    assert quoted == {"=1+1", "+66 1300", "-5", "@SUM(A1)", '=HYPERLINK("https://a.org")'}


def test_a_text_that_no_cell_can_hold_is_refused() -> None:
    with pytest.raises(TableError, match="32767"):
        table.written([row("long", "ก" * 32_768)], "th")
    with pytest.raises(TableError, match="control"):
        table.written([row("control", "ก\x0b")], "th")


# -- taking -----------------------------------------------------------------------------------------------------------

GIVEN = trees.sources(trees.catalogs("th", {"A debt": "หนี้", "Ask first": "ถามก่อน"}))
ASKED = messages.extracted(repository.read(GIVEN), "th", {})
IDENTIFICATION = "locale/th/curriculum/identification.po"


def out(given: dict[str, bytes] = GIVEN) -> dict[str, Row]:
    return {one.english: one for one in table.rows(given, ASKED, "th")[0]}


def take(*rows: Row, given: dict[str, bytes] = GIVEN) -> tuple[dict[str, bytes], int, list[str]]:
    files, number, findings = table.taken(dict(enumerate(rows, 2)), given, ASKED, "th", "x.xlsx")
    return files, number, [f"{one.line} {one.code}: {one.message}" for one in findings]


def fuzzy(text: str) -> dict[str, bytes]:
    key = next(one.key for one in ASKED if one.text == text)
    made = catalogs.changed(GIVEN[IDENTIFICATION], {key: Said("หนี้", True)})
    return {**GIVEN, IDENTIFICATION: made.encode()}


def test_a_sheet_nobody_changed_changes_nothing() -> None:
    rows, findings = table.rows(GIVEN, ASKED, "th")
    back, _ = table.read(table.written(rows, "th"), "th", "x.xlsx")
    assert table.taken(back, GIVEN, ASKED, "th", "x.xlsx") == ({}, 0, []) and findings == []
    assert {one.state for one in rows} == {"translated", "untranslated"}


def test_only_what_was_changed_is_taken() -> None:
    rows = out()
    new = replace(rows["Ask before the charge."], translation="ถามก่อนตั้งข้อหา")
    files, number, findings = take(rows["A debt"], new)
    assert (number, findings, list(files)) == (1, [], [IDENTIFICATION])
    before, after = (data.decode() for data in (GIVEN[IDENTIFICATION], files[IDENTIFICATION]))
    asked = 'msgid "Ask before the charge."\nmsgstr "'
    assert after == before.replace(f'{asked}"', f'{asked}ถามก่อนตั้งข้อหา"')


def test_a_changed_translation_is_no_longer_fuzzy() -> None:
    given = fuzzy("A debt")
    doubtful = out(given)["A debt"]
    assert doubtful.state == "fuzzy"
    files, number, _ = take(replace(doubtful, translation="หนี้สิน"), given=given)
    assert number == 1 and b"fuzzy" not in files[IDENTIFICATION]
    files, number, _ = take(replace(doubtful, state="translated"), given=given)
    assert number == 1 and b"fuzzy" not in files[IDENTIFICATION] and files[IDENTIFICATION] == GIVEN[IDENTIFICATION]
    assert take(doubtful, given=given) == ({}, 0, [])


def test_what_the_catalog_says_since_is_not_written_over() -> None:
    debt = replace(out()["A debt"], translation="หนี้สิน")
    key = debt.message.key
    since = {**GIVEN, IDENTIFICATION: catalogs.changed(GIVEN[IDENTIFICATION], {key: Said("หนี้ก้อน", False)}).encode()}
    files, number, findings = take(debt, given=since)
    assert (files, number) == ({}, 0)
    assert findings == ["2 table-conflict: The translation was not taken: the catalog says “หนี้ก้อน” since"]
    same = {**GIVEN, IDENTIFICATION: catalogs.changed(GIVEN[IDENTIFICATION], {key: Said("หนี้สิน", False)}).encode()}
    assert take(debt, given=same) == ({}, 0, [])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"english": "A loan"}, "2 table-conflict: The translation was not taken: the English text is another one now"),
        ({"context": "gone/p"}, "2 table-conflict: The translation was not taken: the course does not have this message"),
        ({"catalog": "../../etc/x"}, "2 table-conflict: The translation was not taken: the course does not have this message"),
        ({"translation": " "}, "2 bad-row: The row cannot be taken: an empty cell takes no translation away"),
        ({"translation": "ໜີ້"}, "2 wrong-script: The translation has"),
        ({"translation": "{who} หนี้"}, "2 lost-placeholder: The translation does not keep {who}"),
        ({"mark": ""}, "2 table-conflict: The translation was not taken: the catalog says “หนี้” since"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_taken_is_told_and_the_others_are_taken(change: dict[str, str], said: str) -> None:
    rows = out()
    bad = replace(replace(rows["A debt"], translation="หนี้สิน"), **change)
    good = replace(rows["Ask before the charge."], translation="ถามก่อนตั้งข้อหา")
    files, number, findings = take(bad, good)
    assert number == 1 and list(files) == [IDENTIFICATION]
    assert len(findings) == 1 and findings[0].startswith(said)


def test_a_message_that_the_catalogs_do_not_have_yet_waits_for_the_merge() -> None:
    bare = trees.sources()
    new = replace(out(bare)["A debt"], translation="หนี้")
    assert "run casework messages merge" in take(new, given=bare)[2][0]


def test_the_same_message_twice_is_told() -> None:
    rows = out()
    twice = [replace(rows["A debt"], translation=text) for text in ("หนี้สิน", "หนี้ก้อน")]
    files, number, findings = take(*twice)
    assert number == 1 and "หนี้สิน".encode() in files[IDENTIFICATION]
    assert findings == ["3 bad-row: The row cannot be taken: the same message stands in a row above"]


# -- what is no sheet of ours -----------------------------------------------------------------------------------------

SHEET = table.written([row("equals", "=1+1"), row("lao", HARD["lao"])], "th")
Parts = dict[str, bytes]


def packed(change: Callable[[Parts], object]) -> bytes:
    """The sheet with its parts changed."""
    with zipfile.ZipFile(io.BytesIO(SHEET)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def saved(*lines: tuple[object, ...], title: str = "th") -> bytes:
    """A sheet as another program writes it."""
    book = Workbook()
    book.worksheets[0].title = title
    for line in lines:
        book.worksheets[0].append(line)
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


PART = "xl/worksheets/sheet1.xml"
HEAD = table.COLUMNS


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no .xlsx file"),
        (b"catalog,context\n", "no .xlsx file"),
        (SHEET[:-40], "no .xlsx file"),
        (SHEET[: len(SHEET) // 2], "no .xlsx file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old or a locked workbook"),
        (packed(lambda parts: parts.clear()), "no sheet that can be read"),
        (packed(lambda parts: parts.pop(PART)), "no sheet"),
        (packed(lambda parts: parts.update({PART: b"\0" * 70_000_000})), "64 MB"),
        (packed(lambda parts: parts.update({f"x{n}": b"" for n in range(300)})), "200 parts"),
        (packed(lambda parts: parts.update({"xl/vbaProject.bin": b"x"})), "macro"),
        (packed(lambda parts: parts.update({"xl/externalLinks/externalLink1.xml": b"<a/>"})), "another workbook"),
        (packed(lambda parts: parts.update({PART: parts[PART].decode().encode("utf-16")})), "UTF-8"),
        (packed(lambda parts: parts.update({PART: b'<?xml version="1.0" encoding="utf-7"?>' + parts[PART]})), "UTF-8"),
        (packed(lambda parts: parts.update({PART: b'<!DOCTYPE a [<!ENTITY b "c">]>' + parts[PART]})), "document type"),
        (packed(lambda parts: parts.update({PART: b"<a>" * 50_000})), "no sheet that can be read"),
        (packed(lambda parts: parts.update({PART: b"<worksheet/>"})), "empty"),
        (saved(HEAD, ("a", "b", "c", "d", "=1+1", "translated", "m")), "formula, in E2"),
        (saved(HEAD, ("a", "b", "c", "d", "e", "f", "g", '=CALL("x")')), "formula, in H2"),
        (saved(("English", "translation")), "its columns are not"),
        (saved((*HEAD, "more")), "its columns are not"),
        (saved(HEAD[::-1]), "its columns are not"),
        (saved(HEAD, title="vi"), "no sheet “th”"),
        (packed(lambda parts: parts.update({PART: re.sub(rb'r="3"', b'r="1048576"', parts[PART])})), "rows"),
    ],
)  # fmt: skip
def test_a_sheet_that_is_none_of_ours_is_refused_in_one_line(data: bytes, said: str) -> None:
    with pytest.raises(TableError) as stop:
        table.read(data, "th", "x.xlsx")
    assert said in str(stop.value) and "\n" not in str(stop.value)


def test_a_number_or_a_date_is_not_taken_for_a_text() -> None:
    given = saved(HEAD, ("a", "b", "c", "d", 1300, "translated", "m"), ("a", "b", "c", "d", "e", "translated", "m"))
    rows, findings = table.read(given, "th", "x.xlsx")
    assert list(rows) == [3]
    assert [str(one) for one in findings] == [
        "x.xlsx:2: error bad-row: The row cannot be taken: E2 is a number or a date, not a text"
    ]


def test_a_sheet_that_says_it_is_huge_and_is_not_is_read() -> None:
    def wide(parts: Parts) -> None:
        parts[PART] = parts[PART].replace(b"<sheetData>", b'<dimension ref="A1:XFD1048576"/><sheetData>')

    assert len(table.read(packed(wide), "th", "x.xlsx")[0]) == 2


def test_without_openpyxl_it_is_said_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    for call in (lambda: table.written([], "th"), lambda: table.read(SHEET, "th", "x.xlsx")):
        with pytest.raises(messages.NotInstalled, match="openpyxl"):
            call()
