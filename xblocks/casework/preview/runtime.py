"""The runtime: xblock-sdk's workbench with every cure that real `html` and `problem` blocks need.

One is made for each request and bound to a course and an account. Pages are drawn elsewhere.
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.core.cache import cache
from django.urls import reverse
from django.utils.html import escape
from web_fragments.fragment import Fragment
from workbench.runtime import WorkbenchI18NService, WorkbenchRuntime
from workbench.services import SettingsService
from xblock.core import XBlock
from xblock.exceptions import NoSuchUsage
from xblock.fields import ScopeIds
from xblock.runtime import IdGenerator, IdReader, KvsFieldData, Mixologist, Runtime

from casework.preview import block_types, records, services
from casework.preview.course import Course
from casework.preview.ids import UsageId
from casework.preview.roles import AUTHOR, Account
from casework.preview.store import Store

log = logging.getLogger(__name__)
tracking = logging.getLogger("casework.preview.tracking")

CALM = "This part of the page could not be shown. The rest of the unit works."


class Ids(IdReader, IdGenerator):
    """Ids that say themselves what they are. A definition is its only usage."""

    def get_usage_id_from_aside(self, aside_id: Any) -> Any:
        raise NoSuchUsage(aside_id)

    def get_definition_id_from_aside(self, aside_id: Any) -> Any:
        raise NoSuchUsage(aside_id)

    def get_aside_type_from_usage(self, aside_id: Any) -> Any:
        raise NoSuchUsage(aside_id)

    def get_aside_type_from_definition(self, aside_id: Any) -> Any:
        raise NoSuchUsage(aside_id)

    def get_definition_id(self, usage_id: UsageId) -> UsageId:
        return usage_id

    def get_block_type(self, def_id: UsageId) -> str:
        return def_id.block_type

    def create_definition(self, block_type: str, slug: str | None = None) -> UsageId:
        raise NotImplementedError("ids come from the package")

    def create_usage(self, def_id: UsageId) -> UsageId:
        return def_id

    def create_aside(self, definition_id: Any, usage_id: Any, aside_type: str) -> Any:
        raise NotImplementedError("the preview has no asides")


class PreviewRuntime(WorkbenchRuntime):
    """The blocks of one course as one account sees them. An author sees them as Studio shows them."""

    user_id: int | None = None  # a plain attribute: the library's property warns at every look
    suppports_state_for_anonymous_users = False

    def __init__(self, course: Course, account: Account | None, loading: bool = False) -> None:
        user = account.user if account else None
        super().__init__(user.pk if user else None)
        self.course = course
        self.account = account
        self.is_author_mode = account is not None and account.role == AUTHOR
        self.resources_fs = course.files
        self.id_reader = self.id_generator = Ids()
        self.mixologist = Mixologist([block_types.CourseFields])
        self._services = {
            "field-data": KvsFieldData(Store(course.fields, may_author=loading or self.is_author_mode)),
            "user": services.PreviewUserService(account, user, course.id, self.is_author_mode),
            "i18n": WorkbenchI18NService(),
            "settings": SettingsService(),
            "replace_urls": services.ReplaceURLs(course.id),
            "cache": cache,
            "sandbox": services.NoSandbox(),
            "xqueue": services.NoQueue(),
        }
        if user and not self.is_author_mode:
            # Studio has neither; blocks must ask before they use them.
            self._services["completion"] = services.CompletionService(user.pk, course.id)
            self._services["publish"] = services.PublishService(self.publish)

    # Blocks

    def load_block_type(self, block_type: str) -> type[XBlock]:
        return block_types.load(block_type)

    def get_block(self, usage_id: UsageId, for_parent: XBlock | None = None) -> XBlock:
        if usage_id not in self.course.fields:
            raise NoSuchUsage(usage_id)
        keys = ScopeIds(self.user_id, usage_id.block_type, usage_id, usage_id)
        return self.construct_xblock(usage_id.block_type, keys, for_parent=for_parent)

    def get_policy(self, _usage_id: UsageId) -> dict[str, Any]:
        return {}

    def applicable_aside_types(self, _block: XBlock) -> list[str]:
        return []

    def parse_asides(self, *_args: Any) -> list[Any]:
        return []

    def error_tracker(self, message: str) -> None:
        log.warning("%s: %s", self.course.id, message)

    def _patch_xblock(self, _block: XBlock) -> None:
        """Nothing: the workbench would set a naive `due` date of this second."""

    # Views and handlers

    def render(self, block: XBlock, view_name: str, context: dict[str, Any] | None = None) -> Fragment:
        """A block's view. One that raises is one calm line on the page and a traceback in the log."""
        try:
            return Runtime.render(self, block, view_name, context)
        except Exception:
            log.exception("%s of %s raised", view_name, block.scope_ids.usage_id)
            return Fragment(f'<p class="note" role="status">{escape(CALM)}</p>')

    def _wrap_ele(self, block: XBlock, view: str, frag: Fragment, extra_data: dict[str, Any] | None = None) -> Fragment:
        """The element around a block, named and classed as the LMS does."""
        usage_id = block.scope_ids.usage_id
        cls = getattr(block, "unmixed_class", type(block))
        attributes = {
            "class": f"xblock xblock-v1 xblock-{view} xblock-{view}-{usage_id.block_type}",
            "data-usage": usage_id,
            "data-usage-id": usage_id,
            "data-block-type": usage_id.block_type,
            "data-course-id": usage_id.course_key,
            **{f"data-{name}": value for name, value in (extra_data or {}).items()},
        }
        if getattr(block, "uses_xmodule_styles_setup", False):
            attributes["class"] += f" xmodule_display xmodule_{cls.__name__}"
        if frag.js_init_fn:
            attributes |= {"data-init": frag.js_init_fn, "data-runtime-version": frag.js_init_version}
        if view == "student_view" and block_types.completes_by_view(cls) and self.account and not self.is_author_mode:
            attributes["data-completes-by-view"] = reverse("complete", args=(usage_id,))
        marked = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        body = self._services["replace_urls"].replace_urls(frag.body_html())
        wrapped = Fragment(f"<div{marked}>{body}{_init_args(frag)}</div>")
        wrapped.add_fragment_resources(frag)
        return wrapped

    def handle(self, block: XBlock, handler_name: str, request: Any, suffix: str = "") -> Any:
        return Runtime.handle(self, block, handler_name, request, suffix)

    # Addresses

    def handler_url(
        self, block: XBlock, handler_name: str, suffix: str = "", query: str = "", thirdparty: bool = False
    ) -> str:
        """Without `?student=`: who is learning comes from the session."""
        if not getattr(getattr(block, handler_name, None), "_is_xblock_handler", False):
            raise ValueError(f"{handler_name!r} is not a handler")
        url = reverse("handler", args=(block.scope_ids.usage_id, handler_name, suffix))
        return f"{url}?{query}" if query else url

    def local_resource_url(self, block: XBlock, uri: str) -> str:
        return reverse("resource", args=(block.scope_ids.block_type, uri))

    # Events

    def publish(self, block: XBlock, event_type: str, event_data: dict[str, Any]) -> None:
        """A grade or completion is recorded, anything else is a line of the tracking log."""
        usage_id = block.scope_ids.usage_id
        tracking.info("%s %s %s", event_type, usage_id, event_data)
        if self.user_id is None or self.is_author_mode:
            return
        if event_type == "grade":
            records.publish_grade(self.user_id, usage_id, event_data)
        elif event_type == "completion":
            records.complete(self.user_id, usage_id, event_data["completion"])


def _init_args(frag: Fragment) -> str:
    if frag.json_init_args is None:
        return ""
    # "<" would let an argument close the script element it stands in.
    args = json.dumps(frag.json_init_args, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="json/xblock-args" class="xblock-json-init-args xblock_json_init_args">{args}</script>'
