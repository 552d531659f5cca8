"""The XBlock `casework-judgements`: sentences that a colleague could say, judged before the course and again after it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from web_fragments.fragment import Fragment
from webob import Response
from xblock.core import XBlock
from xblock.fields import Scope, String
from xblock.validation import ValidationMessage

from casework import judgements
from casework.blocks.adapter import EnclosedBlock, Problem
from casework.blocks.own import pages
from casework.blocks.own.base import OwnBlock
from casework.findings import Finding
from casework.judgements import Answers, Judgements
from casework.review import api as review

logger = logging.getLogger(__name__)


class JudgementsBlock(OwnBlock, EnclosedBlock):
    """A list of judgements, in `content`. With `after`, the url_name of the block that asked before the course, it sets both
    sets of answers side by side, and tells what the course holds."""

    display_name = String(display_name="Name", default="Judgements", scope=Scope.settings)
    content = String(
        display_name="The judgements, as XML",
        default="",
        scope=Scope.content,
        multiline_editor=True,
        resettable_editor=False,
    )
    after = String(
        display_name="Asked before by",
        help="The url_name of the block that asked the same before the course; empty: this one asks first",
        default="",
        scope=Scope.settings,
    )
    editable_fields = ("display_name", "content", "after", "lang")
    has_author_view = True
    icon_class = "problem"

    @property
    def judgements(self) -> Judgements:
        """The list. Raises Problem for a faulty one."""
        made = read(self.content)[0]
        if made is None:
            raise Problem(409, "faulty", self.words["judge_faulty"])
        return made

    @XBlock.supports("multi_device")
    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The questions, or after they were answered what the answers were."""
        return self.drawn(pages.judgements(self.lang, self._inner()))

    def author_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """What an author sees in Studio: the list, and every finding."""
        made, findings = read(self.content)
        return self.drawn(pages.judgements(self.lang, pages.authored(self.words, made, [str(one) for one in findings])))

    def validate_field_data(self, validation: Any, data: Any) -> None:
        """An author's edit with an error in it is refused."""
        for one in read(data.content)[1]:
            if one.is_error:
                validation.add(ValidationMessage(ValidationMessage.ERROR, str(one)))

    @XBlock.handler
    def keep(self, request: Any, suffix: str = "") -> Response:
        """Keep the answers, once."""
        return self.answer(request, self._keep)

    def _keep(self, body: dict[str, Any]) -> dict[str, Any]:
        place = self.stored()
        try:
            given = judgements.answers(self.judgements, body.get("answers"))
        except judgements.NotAnswers as error:
            raise Problem(400, "malformed", str(error)) from None
        review.keep_judgements(place, judgements.as_json(given))
        self.emit_completion(1.0)
        logger.info("casework.judgements block=%s", place.item_id)
        return {"html": self.located(self._inner())}

    def _inner(self) -> str:
        made = read(self.content)[0]
        if made is None:
            return pages.note(self.words["judge_faulty"])
        mine = self._kept("")
        if mine is None:
            return pages.questions(self.words, made, self.place is not None)
        if not self.after:
            return pages.answered(self.words, made, mine)
        return pages.compared(self.words, made, self._kept(self.after) or {}, mine)

    def _kept(self, name: str) -> Answers | None:
        """The learner's answers here, or at the block of that url_name in the same course."""
        if self.place is None:
            return None
        place = review.beside(self.place, name) if name else self.place
        said = review.judgements(place)
        return None if said is None else judgements.kept(said)


@lru_cache(maxsize=32)
def read(content: str) -> tuple[Judgements | None, tuple[Finding, ...]]:
    """Cached by its text, since every request asks."""
    made, findings = judgements.parse(content)
    return made, tuple(findings)
