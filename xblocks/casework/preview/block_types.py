"""Which class plays a tag of OLX, and the few classes that are the preview's own: containers and stand-ins.

The platform's course, chapter, sequential and vertical cannot be had outside of it; one container serves for all.
"""

from __future__ import annotations

import logging
from functools import lru_cache
from importlib import import_module
from typing import Any

from lxml import etree
from web_fragments.fragment import Fragment
from xblock.completable import XBlockCompletionMode
from xblock.core import XBlock, XBlockMixin
from xblock.fields import Boolean, Dict, Float, Scope, String
from xblock.plugin import PluginMissingError

log = logging.getLogger(__name__)

CONTAINERS = ("course", "chapter", "sequential", "vertical")
INHERITED = (
    "graded",
    "format",
    "due",
    "start",
    "visible_to_staff_only",
    "showanswer",
    "rerandomize",
    "show_correctness",
)
"""What a container hands down to what stands in it, where that says nothing of its own."""


class CourseFields(XBlockMixin):
    """What the platform adds to every block. A `due` date is kept as text: no deadline is enforced in a preview."""

    graded = Boolean(default=False, scope=Scope.settings)
    format = String(default=None, scope=Scope.settings)
    due = String(default=None, scope=Scope.settings)
    start = String(default=None, scope=Scope.settings)
    visible_to_staff_only = Boolean(default=False, scope=Scope.settings)
    showanswer = String(default="finished", scope=Scope.settings)
    rerandomize = String(default="never", scope=Scope.settings)
    show_correctness = String(default="always", scope=Scope.settings)
    graceperiod = None
    days_early_for_beta = None
    self_paced = True

    @property
    def location(self) -> Any:
        return self.scope_ids.usage_id

    @property
    def course_id(self) -> Any:
        return self.scope_ids.usage_id.course_key

    @property
    def category(self) -> str:
        return str(self.scope_ids.block_type)


class Container(XBlock):
    """A course, chapter, sequential or vertical: a name, settings and children. Its pages are drawn by `views.py`."""

    has_children = True
    completion_mode = XBlockCompletionMode.AGGREGATOR

    display_name = String(default="", scope=Scope.settings)
    weight = Float(default=None, scope=Scope.settings)

    @classmethod
    def parse_xml(cls, node: etree._Element, runtime: Any, keys: Any) -> Container:
        block: Container = runtime.construct_xblock_from_class(cls, keys)
        definition = runtime.definition_of(node, keys.usage_id)
        for name, value in definition.items():
            if name in block.fields:
                setattr(block, name, block.fields[name].from_string(value))
        runtime.inherit(block)
        with runtime.inside(block):
            for child in definition:
                if isinstance(child.tag, str) and child.tag not in ("wiki", "wiki_slug"):
                    runtime.add_node_as_child(block, child)
        return block

    def student_view(self, context: dict[str, Any] | None) -> Fragment:
        fragment = Fragment()
        for child in self.runtime.render_children(self, "student_view", context):
            fragment.add_content(child.content)
            fragment.add_fragment_resources(child)
        return fragment


class NotInstalled(XBlock):
    """Stands where a block's class is not installed. Learners see nothing, as on the platform."""

    completion_mode = XBlockCompletionMode.EXCLUDED
    has_author_view = True

    display_name = String(default="", scope=Scope.settings)
    kept = Dict(default={}, scope=Scope.settings)

    @classmethod
    def parse_xml(cls, node: etree._Element, runtime: Any, keys: Any) -> NotInstalled:
        block: NotInstalled = runtime.construct_xblock_from_class(cls, keys)
        return block

    def student_view(self, _context: dict[str, Any] | None) -> Fragment:
        return Fragment("")

    def author_view(self, _context: dict[str, Any] | None) -> Fragment:
        tag = self.scope_ids.block_type
        return Fragment(f'<p class="note">Blocks of the kind <code>{tag}</code> are not installed here.</p>')


_NAMED = {
    "html": "xblocks_contrib.html:HtmlBlock",
    "problem": "xblocks_contrib.problem:ProblemBlock",
    # In a checkout that was never installed, or before this block was written, the entry point does not exist; the class does.
    "casework-case": "casework.blocks.case.block:CaseBlock",
    "casework-judgements": "casework.blocks.own.judgements:JudgementsBlock",
    "casework-plan": "casework.blocks.own.plan:PlanBlock",
    "casework-sentence": "casework.blocks.own.sentence:SentenceBlock",
}
"""html and problem register under other names (`_html_extracted`), for the platform still has its own."""


@lru_cache(maxsize=64)
def load(tag: str) -> type[XBlock]:
    """The class for a tag; `NotInstalled` when there is none."""
    if tag in CONTAINERS:
        return Container
    if tag in _NAMED:
        module, _, name = _NAMED[tag].partition(":")
        try:
            cls: type[XBlock] = getattr(import_module(module), name)
            return cls
        except ImportError:
            log.exception("the block %s cannot be loaded", tag)
            return NotInstalled
    try:
        return XBlock.load_class(tag)
    except PluginMissingError:
        return NotInstalled


def is_scored(cls: type[XBlock]) -> bool:
    return bool(getattr(cls, "has_score", False))


def completes_itself(cls: type[XBlock]) -> bool:
    """Whether the block alone says how far it is completed."""
    return bool(getattr(cls, "has_custom_completion", False))


def is_completable(cls: type[XBlock]) -> bool:
    return XBlockCompletionMode.get_mode(cls) == XBlockCompletionMode.COMPLETABLE


def completes_by_view(cls: type[XBlock]) -> bool:
    """Whether having read it completes it: pages do, what is scored or completes itself does not."""
    return is_completable(cls) and not is_scored(cls) and not completes_itself(cls)
