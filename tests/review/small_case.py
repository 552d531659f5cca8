"""One small case with every kind of task, in Thai with Burmese and a sign of four bytes, and ways through it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from casework.review import api
from casework.scenario import xml

COURSE = "course-v1:Org+SAFE+2026"
STARTED = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
Play = Callable[..., str]

CONTENT = xml.canonical(
    xml.tree(
        """
<case id="pier" lang="th" start="yard">
  <title>ท่าเรือ &amp; “pier” 🧭</title>
  <practise>ตัดสินใจก่อนรถจะออก</practise>
  <care themes="forced-labour">Nothing is shown in detail.</care>
  <variable id="signed" min="0" max="1" start="0"/>
  <indicator id="debt" from="ilo" strength="strong">หนี้</indicator>
  <indicator id="papers" from="ilo" strength="strong">เอกสาร</indicator>
  <document id="talk" kind="conversation">
    <title>การสนทนา</title>
    <part by="Tun &lt;script&gt;">[ကပ္ပတိန်က သိမ်းထားတယ်။](indicator:papers) [ထမင်းတစ်နေ့သုံးနပ်](decoy:rice)</part>
    <part by="ตุน">[จนกว่าหนี้จะหมด](indicator:debt)</part>
  </document>
  <scene id="yard">
    <title>ลาน</title>
    <text>ชายสิบเอ็ดคนนั่งอยู่ในลาน</text>
    <open document="talk"/>
    <summary>ชายสิบเอ็ดคน</summary>
    <spot id="list" document="talk" points="2"><ask>คุณจะถามเรื่องอะไร</ask></spot>
    <choose id="first" confidence="yes">
      <ask>คุณทำอะไรก่อน</ask>
      <option id="forms" role="harmful" set="signed=1"><text>ให้สองคนเซ็นก่อนพูดคุย</text><reply>เขาเซ็น</reply>
        <why>ยังไม่มีใครถาม</why></option>
      <option id="hear" role="key" points="2"><text>ฟังแต่ละคนก่อนตามลำพัง</text><reply>เขาพูด</reply></option>
      <option id="wait" role="weak"><text>รอหัวหน้าโทรกลับมาก่อน</text><reply>คุณรอ</reply></option>
    </choose>
    <go to="desk"/>
  </scene>
  <scene id="desk">
    <title>โต๊ะ</title>
    <text>โทรศัพท์ดังขึ้น</text>
    <summary>โทรศัพท์ดัง</summary>
    <write id="note" rubric="reasons"><ask>ทำไมต้องรอการฟ้อง</ask><practised>เพราะผู้เสียหายไม่ถูกลงโทษ</practised></write>
    <judge id="paper"><claim>ควรรอ</claim><news>มีกระดาษหนึ่งแผ่น</news><ask>เปลี่ยนไหม</ask></judge>
    <go if="signed = 1" to="late"/>
    <go to="safe"/>
  </scene>
  <ending id="safe" outcome="protective"><title>ทุกคนปลอดภัย</title><text>จบ</text></ending>
  <ending id="late" outcome="harmful"><title>สายเกินไป</title><text>จบ</text></ending>
  <rubric id="reasons">
    <row id="facts"><text>บอกสิ่งที่เห็น</text>
      <level points="0">ยังไม่</level><level points="1">บางส่วน</level><level points="2">ชัดเจน</level></row>
    <row id="link"><text>บอกเหตุผล</text><level points="0">ยังไม่</level><level points="2">ชัดเจน</level></row>
  </rubric>
  <panel task="first">
    <opinion by="อัยการ" option="hear">ฟังก่อน</opinion>
    <opinion by="Social worker &lt;b&gt;" option="hear">คนเดียว</opinion>
  </panel>
  <panel task="paper"><opinion by="อัยการ" value="2">มันคือหลักฐาน</opinion></panel>
</case>
""",
        "pier",
    )
)
MAXIMUM = 8  # 2 marked, 2 chosen, 4 written

TEXT = "เขาอาจเป็นเด็ก ငွေကြေးအကြွေး 🧭🛟 <script>alert('words')</script>"


ALL = ("indicator:debt", "indicator:papers")


def log(words: str | None, option: str = "hear", phrases: tuple[str, ...] = ALL) -> list[dict[str, Any]]:
    """The log of a whole attempt; without `words` the scene with the written task is skipped."""
    steps: list[tuple[str, object, int | None]] = [("list", list(phrases), None), ("first", option, 2)]
    steps += [("note", words, None), ("paper", 1, None)] if words is not None else [("", None, None)]
    entries = []
    for at, (task, answer, sure) in enumerate(steps):
        entries.append(
            {"id": f"event-{at:04}", "prev": f"event-{at - 1:04}" if at else "", "task": task, "answer": answer,
             "sure": sure, "ms": 1000}
        )  # fmt: skip
    return entries


def play(
    place: api.Place,
    number: int = 1,
    text: str | None = TEXT,
    option: str = "hear",
    phrases: tuple[str, ...] = ALL,
    possible: int | None = None,
    counts: str = "best",
    content: str = CONTENT,
) -> str:
    """Plays the small case to its end in `place` and answers with the id of the attempt."""
    attempt = str(uuid.uuid4())
    words = None if text is None else api.keep_words(place, attempt, "event-0002", "note", text)
    api.finish(
        place, attempt=attempt, number=number, started=STARTED, content=content,
        log=log(words, option, phrases), possible=possible, counts=counts,
    )  # fmt: skip
    return attempt


def feedback(place: api.Place, attempt: str) -> dict[str, api.Feedback]:
    """By task, what the learner of an attempt reads of its newest reviews."""
    return next((one.reviews for one in api.said(place) if one.attempt == attempt), {})
