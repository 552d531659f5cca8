"""The names of courses and blocks: strings that know their parts, as the platform's keys do.

A name is made from the package's own words (course and `url_name`), never from position or chance, so a learner's
state survives a restart and a rebuild. No lookup in here.
"""

from __future__ import annotations

import re

_PART = r"[\w.~:-]+"
_COURSE = re.compile(rf"course-v1:({_PART})\+({_PART})\+({_PART})")
_USAGE = re.compile(rf"block-v1:({_PART})\+({_PART})\+({_PART})\+type@({_PART})\+block@({_PART})")


class CourseId(str):
    """`course-v1:Org+Course+Run`. `ValueError` for anything else."""

    org: str
    course: str
    run: str

    def __new__(cls, text: str) -> CourseId:
        match = _COURSE.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is no course id")
        self = super().__new__(cls, text)
        self.org, self.course, self.run = match.groups()
        return self

    @classmethod
    def of(cls, org: str, course: str, run: str) -> CourseId:
        return cls(f"course-v1:{org}+{course}+{run}")

    def make_usage_key(self, block_type: str, block_id: str) -> UsageId:
        return UsageId(f"block-v1:{self.org}+{self.course}+{self.run}+type@{block_type}+block@{block_id}")

    def html_id(self) -> str:
        return str(self)


class UsageId(str):
    """`block-v1:Org+Course+Run+type@problem+block@p1`. `ValueError` for anything else."""

    course_key: CourseId
    block_type: str
    block_id: str

    def __new__(cls, text: str) -> UsageId:
        match = _USAGE.fullmatch(text)
        if not match:
            raise ValueError(f"{text!r} is no block id")
        self = super().__new__(cls, text)
        self.course_key = CourseId.of(match[1], match[2], match[3])
        self.block_type, self.block_id = match[4], match[5]
        return self

    @property
    def context_key(self) -> CourseId:
        return self.course_key

    @property
    def org(self) -> str:
        return self.course_key.org

    @property
    def course(self) -> str:
        return self.course_key.course

    @property
    def run(self) -> str:
        return self.course_key.run

    def html_id(self) -> str:
        """Fit for an `id` attribute, and what capa names its inputs by."""
        return self.block_id

    def map_into_course(self, course_key: CourseId) -> UsageId:
        return course_key.make_usage_key(self.block_type, self.block_id)
