"""What every block of Casework does as an adapter: whose place this is, whether anything may be stored there, how its XML is
kept, and what a handler answers. No rule, no words, no markup."""

from __future__ import annotations

import copy
import json
import logging
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, ClassVar

from lxml import etree
from webob import Response
from xblock.completable import CompletableXBlockMixin
from xblock.core import XBlock
from xblock.fields import Scope, String

from casework import platform
from casework.review import api as review
from casework.scenario import xml

LARGEST_REQUEST = 200_000
"""Bytes of one request that are read at all."""
NUMBER = re.compile(r"\d{1,4}")
_OPTION = "{http://code.edx.org/xblock/option}"
_ASIDES = "xblock_asides.v1"

logger = logging.getLogger(__name__)


def has_addresses(text: str) -> bool:
    """Whether a text has addresses that `located` would turn into the platform's."""
    return "/static/" in text or "/jump_to_id/" in text


class Problem(Exception):
    """What a handler answers instead of a view: an HTTP status, a code for programs, a sentence for people."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


@XBlock.wants("user")
@XBlock.wants("replace_urls")
@XBlock.wants("completion")
class LearnersBlock(CompletableXBlockMixin, XBlock):
    """A block that keeps something for a learner."""

    NOT_STORED: ClassVar[str] = "not_stored"
    """The key of the words that say that nothing is kept here."""

    def opt_attr(self, name: str) -> Any:
        """What the platform's user service says of who asks, such as `user_role`; None without the service."""
        service = self.runtime.service(self, "user")
        return service.get_current_user().opt_attrs.get(f"edx-platform.{name}") if service else None

    @property
    def place(self) -> review.Place | None:
        """Whose state of which block this is, or None where nothing may be stored: outside courses, for nobody, and in
        Studio, where every author is the same learner `student`. Every handler asks here first."""
        learner = self.opt_attr("anonymous_user_id")
        usage = self.scope_ids.usage_id
        course = str(getattr(usage, "context_key", None) or getattr(usage, "course_key", None) or "")
        if not learner or learner == "student" or not course.startswith("course-v1:"):
            return None
        return review.Place(course, str(usage), str(learner))

    @property
    def keeps(self) -> bool:
        """Whether anything may be kept: there is a place, and who asks is the learner. Staff who look at a course as one learner
        have that learner's place, to read; the platform keeps what they do to itself, so must we."""
        return self.place is not None and not platform.looks_as_another(self.runtime.service(self, "user"))

    @property
    def words(self) -> Mapping[str, str]:
        """Our words in the language of the block."""
        raise NotImplementedError

    def stored(self) -> review.Place:
        """The place, where something is about to be kept. Raises Problem where nothing may be."""
        if self.place is None or not self.keeps:
            raise Problem(403, "not-stored", self.words[self.NOT_STORED])
        return self.place

    def keep_plan(self, place: review.Place, attempt: str, body: Mapping[str, Any]) -> str:
        """Keeps the text of a request as what the learner means to do, and answers with it. Raises Problem."""
        text = body.get("text")
        if not isinstance(text, str):
            raise Problem(400, "malformed", "text must be text")
        try:
            review.keep_plan(place, attempt, text)
        except review.TooLong as error:
            raise Problem(400, "malformed", str(error)) from None
        return text

    def clear_student_state(self, user_id: str, course_id: str, item_id: str, requesting_user_id: str) -> None:
        """The platform resets a learner's state: attempts, texts and scores of ours go with it."""
        review.clear(review.Place(str(course_id), str(item_id), str(user_id)))

    def may_author(self) -> bool:
        """Whether who asks may change the block. Studio lets nobody else in; in a course this keeps learners out."""
        return self.opt_attr("user_role") != "student" or bool(self.opt_attr("user_is_staff"))

    def located(self, text: str) -> str:
        """`/static/` and `/jump_to_id/` addresses become the platform's; it changes quoted addresses only, so this comes last."""
        service = self.runtime.service(self, "replace_urls")
        if service is None or not has_addresses(text):
            return text
        return str(service.replace_urls(text))

    def answer(self, request: Any, do: Callable[[dict[str, Any]], dict[str, Any]]) -> Response:
        """What `do` makes of the request's JSON object, or the problem it raised, as a response."""
        try:
            return _json(200, do(_body(request)))
        except Problem as problem:
            return _refusal(problem)
        except (review.NotFinished, review.TooLong, review.Elsewhere) as error:
            # What was stored was edited by hand, or is more than can be kept: nothing more is.
            return _refusal(Problem(409, "not-kept", f"This cannot be kept: {error}"))

    def reply(self, do: Callable[[], dict[str, Any]]) -> Response:
        """What `do` makes as a response; nothing of the request is read, so it may be a GET."""
        return _json(200, do())

    @staticmethod
    def workbench_scenarios() -> list[tuple[str, str]]:
        return []


class _Content(String):
    """XBlock looks through a whole text for forbidden signs twice for each request; a process does it once for each text."""

    def _sanitize(self, value: str | bytes | None) -> str | None:
        return _sanitized(value)


@lru_cache(maxsize=128)
def _sanitized(value: str | bytes | None) -> str | None:
    sanitized: str | None = String()._sanitize(value)
    return sanitized


class EnclosedBlock(LearnersBlock):
    """A block whose content is one XML element, the child of its own tag: the platform drops attributes of its own root that
    are no fields. It never raises on faulty content: the importer would drop the unit without a word. What is wrong is
    kept, and shown to the author."""

    content: Any = _Content(help="The content as XML", default="", scope=Scope.content)
    NUMBERS: ClassVar[tuple[str, ...]] = ()
    """Fields of whole numbers. One that is none is left out, with a line in the log."""

    @classmethod
    def parse_xml(cls, node: etree._Element, runtime: Any, keys: Any, *rest: Any) -> EnclosedBlock:
        """Read the block with its one child."""
        node = copy.deepcopy(node)
        asides = _asides(node, runtime, keys)
        enclosed = [child for child in node if isinstance(child.tag, str) and not child.tag.startswith(_OPTION)]
        for child in [*enclosed, *(child for child in node if not isinstance(child.tag, str))]:
            node.remove(child)
        text, node.text = (node.text or "").strip(), None
        for name in cls.NUMBERS:
            if not NUMBER.fullmatch(node.get(name, "1").strip()):
                logger.warning("%s %s: %s=%r is no whole number", node.tag, node.get("url_name"), name, node.get(name))
                del node.attrib[name]
        block: EnclosedBlock = super().parse_xml(node, runtime, keys, *rest)
        block.content = "".join(map(_kept, enclosed)) or text
        if asides:
            for aside in runtime.get_asides(block):
                if aside.scope_ids.block_type in asides:
                    block.add_aside(aside)
        return block

    def add_xml_to_node(self, node: etree._Element) -> None:
        """Write the block as `parse_xml` reads it. Content that is not XML at all stands as text, so nothing is lost."""
        super().add_xml_to_node(node)
        if not self.content:
            return
        try:
            node.append(xml.tree(self.content, str(node.tag)))
        except xml.CaseXmlError:
            node.text = self.content

    def xml_text_content(self) -> None:
        """Nothing: the content is an element, not text."""
        return


def _asides(node: etree._Element, runtime: Any, keys: Any) -> set[str]:
    """Takes what others have attached to the block out of its node: it is no content. Where the runtime knows asides they are
    read, and their tags are returned. A runtime that reads them before it asks the block leaves none."""
    found = [child for child in node if isinstance(child.tag, str) and child.get("xblock-family") == _ASIDES]
    tags = {str(child.tag) for child in found}
    if found and hasattr(runtime, "parse_asides"):
        runtime.parse_asides(node, keys.def_id, keys.usage_id, runtime.id_generator)
    else:
        tags = set()
    for child in found:
        if child.getparent() is not None:
            node.remove(child)
    return tags


def _kept(element: etree._Element) -> str:
    """An element in its canonical form; as it was written where it has none: an entity, or more than the parser takes."""
    try:
        return xml.canonical(element)
    except etree.XMLSyntaxError:
        return etree.tostring(element, encoding="unicode", with_tail=False)


def _body(request: Any) -> dict[str, Any]:
    if request.method != "POST":
        raise Problem(405, "method", "POST is needed")
    # Asked before anything is read.
    raw = request.body if (request.content_length or 0) <= LARGEST_REQUEST else None
    if raw is None or len(raw) > LARGEST_REQUEST:
        raise Problem(413, "too-large", f"At most {LARGEST_REQUEST} bytes are read")
    try:
        body = json.loads(raw or b"{}")
    except (ValueError, RecursionError):
        raise Problem(400, "malformed", "The body must be JSON") from None
    if not isinstance(body, dict):
        raise Problem(400, "malformed", "The body must be a JSON object")
    return body


def _refusal(problem: Problem) -> Response:
    return _json(problem.status, {"error": {"code": problem.code, "message": problem.message}})


def _json(status: int, body: dict[str, Any]) -> Response:
    return Response(
        json.dumps(body, ensure_ascii=False), status=status, content_type="application/json", charset="utf-8"
    )
