from pathlib import Path

import pytest

from casework.scenario import walk, xml
from casework.scenario.model import Case

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WALKS = sorted(SCENARIOS.glob("*/walkthroughs/*.walk"))


@pytest.mark.parametrize("path", WALKS, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_a_walkthrough_ends_as_it_says(path: Path) -> None:
    case, _ = xml.parse((path.parents[1] / "scenario.xml").read_bytes())
    assert case is not None
    walk.walk(case, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("folder", sorted(SCENARIOS.iterdir()), ids=lambda path: path.name)
def test_every_ending_is_reached_by_a_walkthrough(folder: Path) -> None:
    case, _ = xml.parse((folder / "scenario.xml").read_bytes())
    assert case is not None
    walks = {str(path): path.read_text(encoding="utf-8") for path in folder.glob("walkthroughs/*.walk")}
    assert [str(one) for one in walk.check(case, walks)] == []


GOOD = """# the short way
look: indicator:debt indicator:papers
who: ask
say: "Because of the debt."
news: +1
ends good 6
"""


def test_steps_are_one_a_line(whole: Case) -> None:
    assert walk.walk(whole, GOOD).points == 6
    assert walk.walk(
        whole,
        GOOD.replace("look: indicator:debt indicator:papers", "skip")
        .replace("who: ask\n", "")
        .replace("good 6", "good 0"),
    )


@pytest.mark.parametrize(
    ("change", "line", "code"),
    [
        (("good 6", "good 7"), 6, "lost-walk"),
        (("good 6", "bad 6"), 6, "lost-walk"),
        (("who: ask", "who: nobody"), 3, "lost-walk"),
        (("who: ask", "whom: ask"), 3, "lost-walk"),
        (("who: ask", "who ask"), 3, "bad-walk"),
        (("news: +1", "news: +3"), 5, "bad-walk"),
        (('"Because of the debt."', "Because"), 4, "bad-walk"),
        (("ends good 6\n", ""), 5, "bad-walk"),
        (("ends good 6\n", "ends good 6\nskip\n"), 7, "bad-walk"),
    ],
)
def test_a_walkthrough_that_does_not_fit_is_a_finding_with_its_line(
    whole: Case, change: tuple[str, str], line: int, code: str
) -> None:
    findings = walk.check(whole, {"way.walk": GOOD.replace(*change)})
    assert (findings[0].code, findings[0].line) == (code, line)


def test_an_ending_without_a_walkthrough_is_told(whole: Case) -> None:
    assert [one.place for one in walk.check(whole, {"way.walk": GOOD})] == ["ending bad"]
