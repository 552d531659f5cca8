"""Makes small packages out of strings, in the form that the builder writes and Studio imports."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path
from typing import Any

THAI = {
    "title": "การบังคับใช้ที่เป็นธรรม",
    "part": "การระบุตัว",
    "lesson": "พบในฐานะผู้กระทำผิด",
    "unit": "แนวคิด",
    "page": "<p>ผู้เสียหายส่วนใหญ่ที่คุณพบจะไม่ถูกแนะนำว่าเป็นผู้เสียหาย</p><p>วันที่ ๒๔</p>",
}
ENGLISH = {
    "title": "See the person",
    "part": "Identification",
    "lesson": "Met as an offender",
    "unit": "The idea",
    "page": '<p>Most victims are not introduced as victims.</p><p><a href="/jump_to_id/try-it">Try it</a></p>',
}
PROBLEM = """<problem display_name="First question" max_attempts="3" showanswer="never">
  <multiplechoiceresponse><label>Which question decides which file they enter?</label>
    <choicegroup type="MultipleChoice">
      <choice correct="false">What did you do?</choice><choice correct="true">Who holds your passport?</choice>
    </choicegroup></multiplechoiceresponse></problem>"""


def files(words: dict[str, str], language: str, language_name: str, **facts: Any) -> dict[str, str]:
    """The files of a course of two lessons and a part for staff. `facts` go into the policy's `casework` settings."""
    run = language
    casework = {
        "country": "th",
        "country_name": "Thailand",
        "language": language,
        "language_name": language_name,
        "coverage": 100,
        "reviewed": 0,
        "lessons": 2,
        "cases": 0,
        "facts_shown": 12,
        "facts_omitted": 7,
        "minutes": {"l-offender": 25},
        **facts,
    }
    policy = {
        f"course/{run}": {
            "display_name": words["title"],
            "language": language,
            "other_course_settings": {"casework": casework},
        }
    }
    grading = {
        "GRADER": [{"type": "Lesson", "short_label": "L", "min_count": 2, "drop_count": 0, "weight": 1.0}],
        "GRADE_CUTOFFS": {"Pass": 0.6},
    }
    return {
        "course.xml": f'<course url_name="{run}" org="Casework" course="TH"/>',
        f"course/{run}.xml": '<course><chapter url_name="staff"/><chapter url_name="p-find"/></course>',
        "chapter/staff.xml": '<chapter display_name="For staff" visible_to_staff_only="true">'
        '<sequential url_name="l-install"/></chapter>',
        "sequential/l-install.xml": '<sequential display_name="Installed?"><vertical url_name="u-install"/></sequential>',
        "vertical/u-install.xml": '<vertical display_name="Check"><html url_name="h-install"/></vertical>',
        "html/h-install.xml": '<html filename="h-install" display_name="Check"/>',
        "html/h-install.html": "<p>If no green tick stands below, the operator must install Casework.</p>",
        "chapter/p-find.xml": f'<chapter display_name="{words["part"]}"><sequential url_name="l-offender"/>'
        '<sequential url_name="l-boys"/></chapter>',
        "sequential/l-offender.xml": f'<sequential display_name="{words["lesson"]}" graded="true" format="Lesson">'
        '<vertical url_name="idea"/><vertical url_name="try-it"/></sequential>',
        "vertical/idea.xml": f'<vertical display_name="{words["unit"]}"><html url_name="h-idea"/></vertical>',
        "html/h-idea.xml": '<html filename="h-idea" display_name="Idea"/>',
        "html/h-idea.html": words["page"],
        "vertical/try-it.xml": '<vertical display_name="Try it"><problem url_name="q-first"/></vertical>',
        "problem/q-first.xml": PROBLEM,
        "sequential/l-boys.xml": '<sequential display_name="Boys are victims too" graded="true" format="Lesson">'
        '<vertical url_name="boys"/></sequential>',
        "vertical/boys.xml": '<vertical display_name="Start"><html url_name="h-boys"/></vertical>',
        "html/h-boys.xml": '<html filename="h-boys" display_name="Boys"/>',
        "html/h-boys.html": '<h2>Why they are not seen</h2><p><img src="/static/boys.svg" alt="A pier"></p>',
        "static/boys.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="9" height="9"/></svg>',
        "about/overview.html": "<p>About this course.</p>",
        f"policies/{run}/policy.json": json.dumps(policy, ensure_ascii=False),
        f"policies/{run}/grading_policy.json": json.dumps(grading),
    }


def thai() -> dict[str, str]:
    return files(THAI, "th", "ไทย")


def english() -> dict[str, str]:
    return files(ENGLISH, "en", "English")


def write(path: Path, content: dict[str, str], *extra: tarfile.TarInfo) -> Path:
    """The archive of a package; `extra` members are for what no builder would write."""
    with tarfile.open(path, "w:gz") as archive:
        for name, text in content.items():
            raw = text.encode()
            member = tarfile.TarInfo(f"course/{name}")
            member.size = len(raw)
            archive.addfile(member, io.BytesIO(raw))
        for member in extra:
            archive.addfile(member)
    return path
