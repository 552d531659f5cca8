"""What the learner's own blocks share: their words, their files, their editor. They are drawn on the server and have no score;
the script only sends what was typed."""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Any

from web_fragments.fragment import Fragment
from webob import Response
from xblock.core import XBlock
from xblock.fields import Scope, String
from xblock.utils.studio_editable import StudioEditableXBlockMixin

from casework.blocks import words
from casework.blocks.adapter import LearnersBlock, Problem
from casework.scenario import check

_SAID = (
    "digits", "saving", "saved", "no_answer", "personal", "first_write", "judge_open",
)  # fmt: skip
"""The words that the script needs; all others stand in the markup."""


class OwnBlock(StudioEditableXBlockMixin, LearnersBlock):
    """A block that holds something of the learner's own."""

    lang = String(
        display_name="Language", help="The language of the texts, such as th", default="en", scope=Scope.settings
    )

    NOT_STORED = "own_not_stored"

    @cached_property
    def words(self) -> dict[str, str]:
        """Our words in the language of the block."""
        return words.words(self.lang)

    def drawn(self, html: str) -> Fragment:
        """The fragment of a view: markup, style, script and what the script must know."""
        fragment = Fragment(self.located(html))
        fragment.add_css_url(self.runtime.local_resource_url(self, "public/own.css"))
        fragment.add_javascript_url(self.runtime.local_resource_url(self, "public/own.js"))
        fragment.initialize_js(
            "CaseworkOwn",
            {
                "words": {key: self.words[key] for key in _SAID},
                "lang": self.lang,
                "personal": list(check.PERSONAL_DATA.values()),
                "key": self._key,
            },
        )
        return fragment

    @property
    def _key(self) -> str:
        """Names this learner's drafts in a browser that others may use too; "" where nothing is kept."""
        place = self.place
        return hashlib.sha256(f"{place.item_id} {place.student_id}".encode()).hexdigest()[:16] if place else ""

    @XBlock.handler
    def submit_studio_edits(self, request: Any, suffix: str = "") -> Response:
        """Save an author's edit, as the mixin does, for authors alone and in the form that it takes for granted."""
        refused = self.answer(request, self._edit)
        return refused if refused.status_code != 200 else super().submit_studio_edits(request, suffix)

    def _edit(self, body: dict[str, Any]) -> dict[str, Any]:
        if not self.may_author():
            raise Problem(403, "not-an-author", "Only authors may change this.")
        if not isinstance(body.get("values"), dict) or not isinstance(body.get("defaults"), list):
            raise Problem(400, "malformed", "values and defaults are needed")
        return {}
