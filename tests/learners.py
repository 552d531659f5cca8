"""A block of ours on XBlock's own test runtime, with a user as the platform's service tells of one."""

from __future__ import annotations

import json
import random
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, TypeVar

from webob import Request
from xblock.fields import ScopeIds
from xblock.reference.user_service import UserService, XBlockUser
from xblock.runtime import DictKeyValueStore, KvsFieldData
from xblock.test.tools import TestRuntime

from casework.blocks.adapter import LearnersBlock
from casework.blocks.case.block import CaseBlock

Block = TypeVar("Block", bound=LearnersBlock)


class Usage(str):
    """A usage id that knows its course, as the platform's do."""

    context_key = "course-v1:Casework+T+1"


class Users(UserService):
    def get_current_user(self) -> XBlockUser:
        return self._user


@dataclass
class Learner:
    """One learner's view of one block; `again()` loads it anew, as the next request does."""

    content: str
    store: DictKeyValueStore
    anonymous: str = "anon-1"
    role: str = "student"
    staff: bool = False
    usage: str = field(default_factory=lambda: Usage("block-v1:Casework+T+1+type@casework-case+block@small"))
    published: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)

    def block(self) -> CaseBlock:
        block = self.block_of(CaseBlock)
        if not block.fields["content"].is_set_on(block):
            block.content = self.content
            for name, value in self.settings.items():
                setattr(block, name, value)
            block.save()
        return block

    def block_of(self, kind: type[Block]) -> Block:
        user = XBlockUser(is_current_user=True)
        user.opt_attrs.update(
            {
                "edx-platform.anonymous_user_id": self.anonymous,
                "edx-platform.user_role": self.role,
                "edx-platform.user_is_staff": self.staff,
            }
        )
        runtime = TestRuntime(
            services={"user": Users(user=user), "field-data": KvsFieldData(self.store)}, id_reader=None
        )
        runtime.publish = lambda block, event, data: self.published.append((event, data))  # type: ignore[method-assign]
        return kind(runtime, scope_ids=ScopeIds(self.anonymous, "casework-case", "def", self.usage))

    def post(self, handler: str, body: object = None, method: str = "POST") -> tuple[int, dict[str, Any]]:
        raw = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        request = Request.blank("/", method=method, body=raw, content_type="application/json")
        block = self.block()
        response = block.handle(handler, request)
        return response.status_code, json.loads(response.body)

    def view(self) -> dict[str, Any]:
        status, view = self.post("open")
        assert status == 200, view
        return view


def answer_to(view: dict[str, Any], wanted: str) -> dict[str, Any]:
    """The event that answers the task that is due; `wanted` is words of an option, or comma-separated phrases."""
    task = view["moment"]["task"]
    body: dict[str, Any] = {"prev": view["head"], "task": task["id"], "ms": 1000, "sure": None}
    body["id"] = uuid.uuid4().hex
    if task["kind"] == "choose":
        body["answer"] = next(one["id"] for one in task["options"] if wanted in one["html"])
        body["sure"] = 1 if task["confidence"] else None
    elif task["kind"] == "spot":
        html = " ".join(part["html"] for document in view["file"] for part in document["parts"])
        body["answer"] = [
            html.split(f">{one}<")[0].rsplit('data-phrase="', 1)[1].split('"')[0] for one in wanted.split(", ")
        ]
    elif task["kind"] == "write":
        body["answer"] = wanted
    else:
        body["answer"] = int(wanted)
    return body


def move(view: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """Anything that can be done now; a skip once in ten."""
    task = view["moment"]["task"]
    body: dict[str, Any] = {
        "id": f"{dice.getrandbits(64):016x}",
        "prev": view["head"],
        "task": task["id"],
        "ms": 9,
        "sure": None,
    }
    if view["moment"]["skips"] and dice.random() < 0.1:
        return {**body, "task": "", "answer": None}
    if task["kind"] == "choose":
        open_ = [one["id"] for one in task["options"] if one["closed"] is None]
        return {**body, "answer": dice.choice(open_), "sure": 1 if task["confidence"] else None}
    if task["kind"] == "spot":
        paper = next(one for one in view["file"] if one["id"] == task["document"])
        names = re.findall(r'data-phrase="(\w+)"', json.dumps(paper["parts"]).replace("\\", ""))
        return {**body, "answer": dice.sample(names, dice.randint(0, len(names)))}
    return {**body, "answer": "Because." if task["kind"] == "write" else dice.randint(-2, 2)}
