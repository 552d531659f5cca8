"""The XBlock `casework-plan`: the page *My plan*, which gathers what a learner means to do next time, and prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from web_fragments.fragment import Fragment
from xblock.completable import XBlockCompletionMode
from xblock.core import XBlock
from xblock.fields import List, Scope, String

from casework.blocks.own import pages
from casework.blocks.own.base import OwnBlock
from casework.review import api as review


class PlanBlock(OwnBlock):
    """The learner's sentences in the order of the course. The builder writes `lines`: of each place its url_name, the title of
    its lesson, and how its sentence begins ("" for a case, whose title then stands there)."""

    display_name = String(display_name="Name", default="My plan", scope=Scope.settings)
    lines = List(
        display_name="Places",
        help='In order: {"at": url_name, "lesson": title, "begin": the beginning of the sentence, "case": title of the case}',
        default=[],
        scope=Scope.content,
    )
    editable_fields = ("display_name", "lines", "lang")
    completion_mode = XBlockCompletionMode.EXCLUDED

    @XBlock.supports("multi_device")
    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """Everything that is kept, by lesson; then where nothing is written yet."""
        return self.drawn(pages.plan(self.words, self.lang, list(self._entries()), self.place is not None))

    def _entries(self) -> Iterator[pages.Entry]:
        place = self.place
        kept = review.plans(place.course_id, place.student_id) if place else {}
        by_name = {item.rpartition("@")[2]: one for item, one in kept.items()}
        now = datetime.now(UTC)
        for line in _lines(self.lines):
            one = by_name.pop(line["at"], None)
            yield _entry(line, one, now)
        for name, one in sorted(by_name.items(), key=lambda pair: pair[1].at):
            yield _entry({"at": name, "lesson": "", "begin": "", "case": ""}, one, now)


def _entry(line: Mapping[str, str], one: review.Plan | None, now: datetime) -> pages.Entry:
    due = one is not None and review.is_due(one, now)
    return pages.Entry(
        line["at"], line["lesson"], line["begin"], line["case"], one.text if one else "",
        one.at.isoformat() if one else "", due,
    )  # fmt: skip


def _lines(said: object) -> Iterator[dict[str, str]]:
    """The lines that can be read; an author may have edited them."""
    for one in said if isinstance(said, list) else []:
        if isinstance(one, dict) and isinstance(one.get("at"), str) and one["at"]:
            yield {name: str(one.get(name) or "") for name in ("at", "lesson", "begin", "case")}
