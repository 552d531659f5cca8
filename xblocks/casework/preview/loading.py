"""From a package to a course: reads the tree of OLX into blocks, as the importer would, and says what it cannot read.

Where the importer drops a broken child in silence, this stops with one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from fs.memoryfs import MemoryFS
from lxml import etree
from xblock.core import XBlock
from xblock.fields import ScopeIds

from casework.preview import block_types
from casework.preview.course import Course
from casework.preview.ids import CourseId, UsageId
from casework.preview.package import Package, PreviewError
from casework.preview.runtime import PreviewRuntime


def load(package: Package) -> Course:
    """The course in a package; raises `PreviewError` for whatever cannot be read."""
    pointer = package.xml("course.xml")
    missing = [name for name in ("org", "course", "url_name") if not pointer.get(name)]
    if pointer.tag != "course" or missing:
        raise package.fault("course.xml", f"is no pointer to a course (without {', '.join(missing) or '<course>'})")
    try:
        course_id = CourseId.of(pointer.get("org", ""), pointer.get("course", ""), pointer.get("url_name", ""))
    except ValueError as err:
        raise package.fault("course.xml", str(err)) from err
    policy = _policy(package, course_id.run)
    course = Course(
        id=course_id,
        package=package,
        title=str(policy.get("display_name") or course_id.course),
        language=str(policy.get("language") or "en"),
        facts=_facts(policy),
        grading=package.json(f"policies/{course_id.run}/grading_policy.json"),
        files=_file_system(package),
    )
    LoadingRuntime(course).load(pointer, None)
    said = course.fields[course.root.id]
    course.title = str(policy.get("display_name") or said.get("display_name") or course.title)
    if not course.places(staff=True):
        raise package.fault("course.xml", "holds no unit")
    return course


def _policy(package: Package, run: str) -> dict[str, Any]:
    said = package.json(f"policies/{run}/policy.json").get(f"course/{run}", {})
    return said if isinstance(said, dict) else {}


def _facts(policy: dict[str, Any]) -> dict[str, Any]:
    settings = policy.get("other_course_settings")
    said = settings.get("casework") if isinstance(settings, dict) else None
    return said if isinstance(said, dict) else {}


def _file_system(package: Package) -> MemoryFS:
    files = MemoryFS()
    for path, raw in package.files.items():
        folder = path.rpartition("/")[0]
        if folder:
            files.makedirs(folder, recreate=True)
        files.writebytes(path, raw)
    return files


class LoadingRuntime(PreviewRuntime):
    """Reads one course, once. What containers hand down is written into each block as it is read."""

    def __init__(self, course: Course) -> None:
        super().__init__(course, None, loading=True)
        self._open: list[XBlock] = []

    def load(self, node: etree._Element, parent: XBlock | None) -> UsageId:
        usage_id = self._name(node)
        cls = self.mixologist.mix(self.load_block_type(usage_id.block_type))
        for name in ("xblock-family", *([] if hasattr(cls, "load_definition") else ["url_name"])):
            node.attrib.pop(name, None)
        keys = ScopeIds(None, usage_id.block_type, usage_id, usage_id)
        self.course.fields[usage_id] = {}
        try:
            block = cls.parse_xml(node, self, keys)
            self.inherit(block)
            block.parent = parent.scope_ids.usage_id if parent else None
            block.save()
        except PreviewError:
            raise
        except Exception as err:
            where = f"{usage_id.block_type}/{usage_id.block_id}"
            raise self.course.package.fault(where, f"cannot be read ({err})") from err
        return usage_id

    def _name(self, node: etree._Element) -> UsageId:
        tag, name = str(node.tag), node.get("url_name")
        inside = self._open[-1].scope_ids.usage_id if self._open else None
        where = f"{inside.block_type}/{inside.block_id}" if inside else "course.xml"
        if not name:
            raise self.course.package.fault(where, f"a <{tag}> has no url_name, so nothing could be kept for it")
        try:
            usage_id = self.course.id.make_usage_key(tag, name)
        except ValueError as err:
            raise self.course.package.fault(
                where, f"<{tag} url_name={name!r}> has a name the platform refuses"
            ) from err
        if usage_id in self.course.fields:
            raise self.course.package.fault(where, f"<{tag} url_name={name!r}> stands in the course twice")
        return usage_id

    def add_node_as_child(self, block: XBlock, node: etree._Element) -> None:
        block.children.append(self.load(node, block))

    def definition_of(self, node: etree._Element, usage_id: UsageId) -> etree._Element:
        """What a container's tag says: its own content, or the file it points to."""
        pointing = {"org", "course"} if usage_id.block_type == "course" else set()
        if len(node) or set(node.attrib) - pointing:
            return node
        return self.course.package.xml(f"{usage_id.block_type}/{usage_id.block_id.replace(':', '/')}.xml")

    def inherit(self, block: XBlock) -> None:
        """Takes from the container around it what a block does not say itself."""
        if not self._open:
            return
        for name in block_types.INHERITED:
            source = self._open[-1].fields.get(name)
            own = block.fields.get(name)
            if source and own and source.is_set_on(self._open[-1]) and not own.is_set_on(block):
                setattr(block, name, getattr(self._open[-1], name))

    @contextmanager
    def inside(self, block: XBlock) -> Iterator[None]:
        self._open.append(block)
        try:
            yield
        finally:
            self._open.pop()
