"""How a learner stands in a course: completion and grades by lesson, and the total.

Adds up what `records.py` wrote, by the platform's rules. Writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from casework.preview import block_types
from casework.preview.course import Course, Node
from casework.preview.ids import UsageId
from casework.preview.models import BlockState, Completion, Grade
from casework.preview.roles import Account
from casework.preview.runtime import PreviewRuntime

NOT_BEGUN, BEGUN, DONE = "not begun", "begun", "done"


@dataclass(frozen=True)
class LessonStanding:
    part: Node
    lesson: Node
    completion: float
    earned: float
    possible: float


class Standing:
    """One person in one course: three queries, whatever the length of the course."""

    def __init__(self, course: Course, account: Account) -> None:
        self._course = course
        mine = {"user_id": account.user.pk, "course_id": str(course.id)}
        self._completion = {row.usage_id: row.completion for row in Completion.objects.filter(**mine)}
        self._grades = {row.usage_id: row for row in Grade.objects.filter(**mine)}
        states = BlockState.objects.filter(person=account.user.pk, scope_id__startswith=f"block-v1:{_prefix(course)}")
        self._touched = set(states.values_list("scope_id", flat=True))

    def state(self, node: Node) -> str:
        """Done when all that can be completed below `node` is, begun when any of it is, or has a state."""
        done = [self._completion.get(leaf.id, 0.0) for leaf in _completable(node)]
        if done and all(value >= 1.0 for value in done):
            return DONE
        return BEGUN if any(done) or any(leaf.id in self._touched for leaf in node.leaves()) else NOT_BEGUN

    def completion(self, node: Node) -> float:
        done = [self._completion.get(leaf.id, 0.0) for leaf in _completable(node)]
        return sum(done) / len(done) if done else 1.0

    def lessons(self) -> list[LessonStanding]:
        """Every lesson that learners see."""
        return [
            LessonStanding(part, lesson, self.completion(lesson), *self._points(lesson))
            for part in self._course.parts(staff=False)
            for lesson in part.children
            if not lesson.staff_only
        ]

    def course_completion(self) -> float:
        leaves = [leaf for part in self._course.parts(staff=False) for leaf in _completable(part)]
        done = [self._completion.get(leaf.id, 0.0) for leaf in leaves]
        return sum(done) / len(done) if done else 0.0

    def total(self) -> float:
        """The course grade from 0 to 1: per kind of assignment the mean of its lessons, weighted by the policy."""
        lessons = [row for row in self.lessons() if row.lesson.graded and row.possible]
        total = 0.0
        for grader in self._course.grading.get("GRADER", []):
            parts = [row.earned / row.possible for row in lessons if row.lesson.format == grader.get("type")]
            # The platform counts lessons that are still to come as zero, and lets the worst ones go.
            parts += [0.0] * (int(grader.get("min_count") or 0) - len(parts))
            kept = sorted(parts, reverse=True)[: max(0, len(parts) - int(grader.get("drop_count") or 0))]
            total += float(grader.get("weight") or 0) * (sum(kept) / len(kept) if kept else 0.0)
        return total

    def _points(self, lesson: Node) -> tuple[float, float]:
        earned = possible = 0.0
        for leaf in lesson.leaves():
            if not (leaf.graded and block_types.is_scored(block_types.load(leaf.id.block_type))):
                continue
            grade = self._grades.get(leaf.id)
            weight = self._course.fields[leaf.id].get("weight")
            if grade and grade.from_submissions:  # already in points of the gradebook
                earned, possible = earned + grade.earned, possible + grade.possible
                continue
            of = _possible(self._course, leaf.id) if weight is None else float(weight)
            earned += of * grade.earned / grade.possible if grade and grade.possible else 0.0
            possible += of
        return earned, possible


def _prefix(course: Course) -> str:
    return course.id.removeprefix("course-v1:") + "+"


def _completable(node: Node) -> list[Node]:
    return [leaf for leaf in node.leaves() if block_types.is_completable(block_types.load(leaf.id.block_type))]


def _possible(course: Course, usage_id: UsageId) -> float:
    """What a block that nobody has answered yet is worth; asked once, for capa parses its problem to tell."""
    if usage_id not in course.possible:
        course.possible[usage_id] = float(PreviewRuntime(course, None).get_block(usage_id).max_score() or 0)
    return course.possible[usage_id]
