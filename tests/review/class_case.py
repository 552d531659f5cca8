"""A case for the class view, in Thai and Burmese: three key decisions, one of which not all come to, a task that hangs on an
option, a hub, a document, a judgement, three endings, two variants; and classes that play it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from casework.review import counting
from casework.review.models import CaseVersion, ClassCount
from casework.scenario import engine, xml
from casework.scenario.engine import Answer, Move, Skip
from casework.scenario.model import Case, Choose, Judge, Spot, Write
from review import small_case

ITEM = "block-v1:Org+SAFE+2026+type@casework-case+block@pier"
CONTENT = xml.canonical(
    xml.tree(
        """
<case id="pier" lang="th" start="yard">
  <title>{Who} &amp; “pier” 🧭</title>
  <practise>ตัดสินใจก่อนรถจะออก</practise>
  <care themes="forced-labour">Nothing is shown in detail.</care>
  <variant id="boy"><title>เด็กชาย</title><word id="who">เด็กชาย</word></variant>
  <variant id="girl"><title>เด็กหญิง</title><word id="who">เด็กหญิง</word></variant>
  <variable id="signed" min="0" max="1" start="0"/>
  <indicator id="debt" from="ilo" strength="strong">หนี้</indicator>
  <indicator id="papers" from="ilo" strength="strong">เอกสาร &lt; 3 &amp; "2"</indicator>
  <document id="talk" kind="conversation"><title>การสนทนา</title>
    <part by="Tun">[ကပ္ပတိန်က သိမ်းထားတယ်။](indicator:papers) [ထမင်းတစ်နေ့သုံးနပ်](decoy:rice)</part>
    <part by="ตุน">[จนกว่าหนี้จะหมด](indicator:debt)</part></document>
  <scene id="yard"><title>ลาน</title><text>{who} นั่งอยู่ในลาน</text><open document="talk"/><summary>{who}</summary>
    <spot id="list" document="talk" points="2"><ask>คุณจะถามเรื่องอะไร</ask></spot>
    <choose id="first" confidence="yes"><ask>คุณทำอะไรกับ {who} ก่อน</ask>
      <option id="forms" role="harmful" set="signed=1" go="form">
        <text>ให้ {who} เซ็นก่อนพูดคุย &lt; 5 &amp; "ok"</text><reply>เขาเซ็น</reply>
        <why>ยัง</why></option>
      <option id="hear" role="key" points="2" go="gate"><text>ฟัง {who} ก่อนตามลำพัง</text><reply>เขาพูด</reply></option>
      <option id="wait" role="weak" go="gate"><text>รอหัวหน้าโทรกลับมาก่อน</text><reply>คุณรอ</reply></option>
    </choose></scene>
  <scene id="form"><title>แบบฟอร์ม</title><text>สองแผ่น</text><summary>สองแผ่น</summary>
    <choose id="paper"><ask>และตอนนี้</ask>
      <option id="stop" role="ok" points="1" go="gate"><text>หยุด</text><reply>หยุด</reply></option>
      <option id="more" role="harmful" go="late"><text>ต่อไป</text><reply>ต่อ</reply><why>ไม่</why></option>
    </choose></scene>
  <scene id="gate"><title>ประตู</title><text>ใครบางคน</text><summary>ใครบางคน</summary>
    <choose id="who" confidence="yes"><ask>ใครแปล</ask>
      <option id="agent" role="harmful" go="together"><text>นายหน้า</text><reply>เขานั่ง</reply><why>ไม่</why></option>
      <option id="outside" role="key" points="2" go="desk"><text>ล่ามอิสระ</text><reply>เธอมา</reply></option>
      <option id="nobody" role="ok" points="1" go="desk"><text>ยังไม่มีใคร</text><reply>รอ</reply></option>
    </choose></scene>
  <scene id="together"><title>ด้วยกัน</title><text>ทุกคน</text><summary>ทุกคน</summary>
    <choose id="again"><ask>คิดอย่างไร</ask>
      <option id="start" role="ok" points="1" mends="agent" go="desk"><text>เริ่มใหม่</text><reply>ได้</reply></option>
      <option id="enough" role="harmful" set="signed=1" go="desk"><text>พอแล้ว</text><reply>พอ</reply><why>ไม่</why></option>
    </choose></scene>
  <scene id="desk"><title>โต๊ะ</title><text>โทรศัพท์</text><summary>โทรศัพท์</summary>
    <choose id="hub"><ask>ทำอะไร</ask>
      <option id="call" role="ok" go="desk"><text>โทร</text><reply>ไม่รับ</reply></option>
      <option id="go-on" role="ok" go="end"><text>ไปต่อ</text><reply>ไป</reply></option>
    </choose></scene>
  <scene id="end"><title>บ่าย</title><text>บ่าย</text><summary>บ่าย</summary>
    <judge id="sign"><claim>ควรรอ</claim><news>มีกระดาษ</news><ask>เปลี่ยนไหม</ask></judge>
    <choose id="van"><ask>รถจะออก</ask>
      <option id="stay" role="key" points="1"><text>รอก่อน</text><reply>รอ</reply></option>
      <option id="leave" role="weak"><text>ปล่อยไป</text><reply>ไป</reply></option>
    </choose>
    <go if="signed = 1" to="late"/><go to="safe"/></scene>
  <ending id="safe" outcome="protective"><title>ทุกคนปลอดภัย</title><text>จบ</text></ending>
  <ending id="late" outcome="harmful"><title>สายเกินไป &lt; 6 &amp; '7'</title><text>จบ</text></ending>
  <panel task="first"><opinion by="อัยการ" option="hear">ฟังก่อน</opinion></panel>
  <panel task="who"><opinion by="อัยการ" option="outside">อิสระ</opinion></panel>
  <panel task="van"><opinion by="อัยการ" option="stay">รอ</opinion></panel>
</case>
""",
        "pier",
    )
)


def read() -> Case:
    case, findings = xml.parse(CONTENT)
    assert case, findings
    return case


def play(case: Case, pick: Callable[[int], int]) -> engine.Play:
    """One whole play; `pick(n)` draws from 0 to n - 1."""
    now = engine.begin(case)
    while (task := engine.task(case, now)) is not None:
        now = engine.apply(case, now, _move(case, now, task, pick))
    return now


def _move(case: Case, now: engine.Play, task: object, pick: Callable[[int], int]) -> Move:
    if len(now.steps) > 12 and now.skips < engine.MOST_SKIPS:
        return Skip()
    if now.skips < engine.MOST_SKIPS and pick(12) == 11:
        return Skip()
    if isinstance(task, Choose):
        options = engine.open_options(case, now.world, task)
        option = options[pick(len(options))] if len(now.steps) < 12 else options[-1]
        return Answer(task.id, option=option.id, sure=pick(3) if task.confidence else None)
    if isinstance(task, Spot):
        names = [phrase.name for phrase in case.document[task.document].phrases]
        return Answer(task.id, phrases=tuple(name for name in names if pick(3)))
    if isinstance(task, Judge):
        return Answer(task.id, value=pick(5) - 2)
    assert isinstance(task, Write)
    return Answer(task.id, words="w1")


def drawn(seed: int, learners: int, lean: float = 1.0) -> Iterable[engine.Play]:
    """A class that leans to the later or the earlier options, so that some are few."""
    case, chance = read(), random.Random(seed)  # noqa: S311  no secret
    for _ in range(learners):
        yield play(case, lambda n: min(n - 1, int(n * chance.random() ** lean)))


def class_of(seed: int, sizes: dict[str, int], lean: float = 1.0) -> dict[str, Counter[str]]:
    """Counts by variant."""
    case = read()
    return {
        name: counting.added(counting.counted(case, one) for one in drawn(seed + at, size, lean))
        for at, (name, size) in enumerate(sizes.items())
    }


def store(parts: Mapping[str, Mapping[str, int]], item: str = ITEM, content: str = CONTENT, shards: int = 1) -> str:
    """Counts as finishing leaves them; answers with the version's fingerprint."""
    name = xml.fingerprint(content)
    version, _ = CaseVersion.objects.get_or_create(
        pk=name, defaults={"content": content, "language": "th", "maximum": 8}
    )
    for variant, counts in parts.items():
        for shard in range(shards):
            ClassCount.objects.create(
                course_id=small_case.COURSE, item_id=item, case=version, variant=variant, shard=shard,
                key=f"{item[-9:]} {name} {variant} {shard}", counted=dict(counts),
            )  # fmt: skip
    return name
