"""What of a course stands on the learner's own pages: the lines of *My plan*, and the lessons that judgements point to.

It is gathered from a course that is in its language already, in reading order, when a package is built.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace

from casework.curriculum import outline
from casework.curriculum.outline import CASE, PLAN, SENTENCE, Node
from casework.scenario import xml as case_xml


def gathered(course: Node) -> Node:
    """The course with `lines` in its plan, a link to the plan in each sentence, and the titles of lessons in judgements."""
    nodes = list(course.walk())
    plan = next((node.url_name for node in nodes if node.kind == PLAN), "")
    titles = {node.url_name: node.title for node in nodes if node.kind == "sequential"}
    lines = json.dumps(list(_lines(course)), ensure_ascii=False)

    def change(node: Node) -> Node:
        match node.kind:
            case outline.PLAN:
                return replace(node, fields={**node.fields, "lines": lines})
            case outline.SENTENCE if plan:
                return replace(node, fields={**node.fields, "plan": plan})
            case outline.JUDGEMENTS if node.body:
                return replace(node, body=_titled(node, titles))
            case _:
                return node

    return course.mapped(change)


def _lines(course: Node) -> Iterator[dict[str, str]]:
    """The places where a plan can be kept, in the order of the course; what only staff see is none."""
    for chapter in course.children:
        for lesson in () if chapter.staff_only else chapter.children:
            for node in lesson.walk():
                if node.kind == SENTENCE:
                    yield {"at": node.url_name, "lesson": lesson.title, "begin": node.fields.get("begin", "")}
                elif node.kind == CASE:
                    yield {"at": node.url_name, "lesson": lesson.title, "case": node.title}


def plan_lines(node: Node) -> list[dict[str, str]]:
    """The lines that `gathered` wrote into a plan."""
    return list(json.loads(node.fields.get("lines", "[]")))


def _titled(node: Node, titles: Mapping[str, str]) -> str:
    root = case_xml.tree(node.body, node.path)
    for one in root.iterchildren("judgement"):
        title = titles.get(one.get("lesson", ""))
        if title:
            one.set("title", title)
    return case_xml.settled(root)
