"""The XBlock `casework-sentence`: one sentence that a learner finishes for the own work, kept in *My plan*."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from web_fragments.fragment import Fragment
from webob import Response
from xblock.core import XBlock
from xblock.fields import Scope, String

from casework.blocks.own import pages
from casework.blocks.own.base import OwnBlock
from casework.review import api as review

logger = logging.getLogger(__name__)


class SentenceBlock(OwnBlock):
    """Asks for the end of one sentence. `begin` is its beginning, `plan` the url_name of the page that gathers them."""

    display_name = String(display_name="Name", default="One sentence", scope=Scope.settings)
    begin = String(
        display_name="The sentence begins",
        help="The learner finishes it",
        default="Next time I will …",
        scope=Scope.content,
    )
    plan = String(
        display_name="Page of the plan",
        help="The url_name of the page that gathers the sentences; empty: no link",
        default="",
        scope=Scope.settings,
    )
    editable_fields = ("display_name", "begin", "plan", "lang")
    icon_class = "problem"

    @XBlock.supports("multi_device")
    def student_view(self, context: Mapping[str, Any] | None = None) -> Fragment:
        """The beginning, a box, and what was kept."""
        kept = review.plan(self.place) if self.place else None
        return self.drawn(
            pages.sentence(
                self.words, self.lang, self.begin, kept.text if kept else "", self.plan, self.place is not None
            )
        )

    @XBlock.handler
    def keep(self, request: Any, suffix: str = "") -> Response:
        """Keep the sentence in place of the one before; an empty one forgets it."""
        return self.answer(request, self._keep)

    def _keep(self, body: dict[str, Any]) -> dict[str, Any]:
        text = self.keep_plan(self.stored(), "", body)
        if text.strip():
            self.emit_completion(1.0)
        return {"kept": bool(text.strip())}
