"""A loaded course: its names, its outline, what its blocks say. And the shelf of all courses of this server.

Loading is in `loading.py`; who has done what is in `grades.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from casework.preview.ids import CourseId, UsageId
from casework.preview.package import Package


@dataclass(frozen=True)
class Node:
    """A place in the outline. A *part* is a chapter, a *lesson* a sequential, a *unit* a vertical."""

    id: UsageId
    title: str
    staff_only: bool
    graded: bool
    format: str
    children: tuple[Node, ...]

    @property
    def name(self) -> str:
        return self.id.block_id

    def leaves(self) -> Iterator[Node]:
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()


@dataclass(frozen=True)
class Place:
    """A unit and where it stands."""

    part: Node
    lesson: Node
    unit: Node


@dataclass
class Course:
    id: CourseId
    package: Package
    title: str
    language: str
    facts: dict[str, Any]
    """`other_course_settings.casework` of the policy: country, coverage, review state, counts. May be empty."""
    grading: dict[str, Any]
    files: Any
    """The package's files as a read-only file system, for blocks that read their own."""
    fields: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What authors wrote, by block and field. Changed by the edit page only, and only until the next start."""
    possible: dict[str, float] = field(default_factory=dict)
    """Points possible by block, as far as they have been asked for."""

    def node(self, usage_id: UsageId) -> Node:
        said = self.fields.get(usage_id, {})
        children = tuple(self.node(child) for child in said.get("children", ()))
        return Node(
            id=usage_id,
            title=said.get("display_name") or usage_id.block_id,
            staff_only=bool(said.get("visible_to_staff_only")),
            graded=bool(said.get("graded")),
            format=said.get("format") or "",
            children=children,
        )

    @property
    def root(self) -> Node:
        return self.node(self.id.make_usage_key("course", self.id.run))

    def parts(self, staff: bool) -> list[Node]:
        """The chapters, without those for staff unless `staff` is looking."""
        return [part for part in self.root.children if staff or not part.staff_only]

    def places(self, staff: bool) -> list[Place]:
        """Every unit, in the order of the course."""
        return [
            Place(part, lesson, unit)
            for part in self.parts(staff)
            for lesson in part.children
            if staff or not lesson.staff_only
            for unit in lesson.children
            if staff or not unit.staff_only
        ]

    @property
    def country(self) -> str:
        return str(self.facts.get("country") or "")

    @property
    def country_name(self) -> str:
        return str(self.facts.get("country_name") or self.title)

    @property
    def language_name(self) -> str:
        return str(self.facts.get("language_name") or self.language)

    def minutes(self, lesson: Node) -> int | None:
        """How long a lesson takes, where the package says so."""
        said = self.facts.get("minutes")
        value = said.get(lesson.name) if isinstance(said, dict) else None
        return value if isinstance(value, int) else None


class Shelf:
    """The courses of this server, in the order in which they were named."""

    def __init__(self) -> None:
        self._courses: dict[str, Course] = {}

    def put(self, course: Course) -> None:
        self._courses[course.id] = course

    def clear(self) -> None:
        self._courses.clear()

    def get(self, course_id: str) -> Course | None:
        return self._courses.get(course_id)

    def __iter__(self) -> Iterator[Course]:
        return iter(list(self._courses.values()))

    def same_country(self, course: Course) -> list[Course]:
        """The packages of the course's country, itself among them: the languages one can switch between."""
        return [c for c in self if c is course or (course.country and c.country == course.country)]


SHELF = Shelf()
