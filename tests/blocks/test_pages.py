"""What an author is shown of a faulty case."""

from __future__ import annotations

from casework.blocks.case import pages
from casework.findings import found


def test_an_author_of_a_hostile_case_sees_errors_first_and_how_many_more_there_are() -> None:
    many = [found("long-scene", "x.xml", line, count=200, limit=110) for line in range(1, 300)]
    many.append(found("doctype", "x.xml", 300))
    said = pages.told(many)
    assert len(said) == pages.MOST_FINDINGS + 1
    assert "doctype" in said[0]
    assert said[-1] == "… +100"


def test_few_findings_are_told_in_the_order_of_their_lines() -> None:
    few = [found("long-scene", "x.xml", 1, count=200, limit=110), found("doctype", "x.xml", 2)]
    assert pages.told(few) == [str(one) for one in few]
