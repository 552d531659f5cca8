"""Soundness: each fault its finding, and the exact maximum against brute force on random small cases."""

import random
from pathlib import Path

import pytest

from cases import WHOLE, case_xml, choose, codes, option, scene, sound
from casework.findings import KINDS
from casework.scenario import check, engine, score, states, xml
from casework.scenario.engine import Answer
from casework.scenario.model import Case, Choose, Spot, Write

BROKEN = Path(__file__).parents[1] / "broken"


def broken() -> list[Path]:
    return sorted(BROKEN.glob("*.xml"))


@pytest.mark.parametrize("path", broken(), ids=lambda path: path.stem)
def test_a_broken_case_is_found_by_the_finding_it_is_named_after(path: Path) -> None:
    case, findings = xml.parse(path.read_bytes(), path.name)
    findings = [*findings, *(check.check(case, path.name) if case else [])]
    assert path.stem in {one.code for one in findings}, [str(one) for one in findings]
    named = [one for one in findings if one.code == path.stem]
    assert all(one.line > 0 or one.code in {"too-large", "not-utf8"} for one in named)


def test_the_whole_case_has_no_error() -> None:
    assert not {code for code in codes(WHOLE) if KINDS[code].severity == "error"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (('go="b"', 'go="nowhere"'), "unknown-reference"),
        (('document="note" points', 'document="paper" points'), "unknown-reference"),
        (('rubric="reasons" minimum', 'rubric="other" minimum'), "unknown-reference"),
        (('if="trust = 0" to', 'if="luck = 0" to'), "unknown-reference"),
        (('mends="send"', 'mends="ask"'), "unknown-reference"),
        (('option="doubt">No', 'option="back">No'), "wrong-panel"),
        (('value="2">Much', 'option="ask">Much'), "wrong-panel"),
        (('<scene id="mend">', '<scene id="note">'), "repeated-id"),
        (("<why>Because send.</why>", ""), "no-why"),
        (('<go to="good"/>', ""), "no-way-on"),
        (('if="found(debt)"', 'if="trust = 2 and trust = 0"'), "dead-option"),
        (("[rice](decoy", "[no indicator](decoy"), "decoy-tells"),
        (("Do ask now.", "Do ask now and then wait until the others have all gone home again."), "unequal-options"),
        (("Do ask now.", "Do ask them now."), "longest-is-key"),
        (("Text.", "Write to tun.k@example.org today."), "personal-data"),
        (("Text.", "word " * 120), "long-scene"),
        (("<closed>No doubt yet.</closed>", ""), "no-closed"),
    ],
)  # fmt: skip
def test_each_fault_of_sense_has_its_finding(change: tuple[str, str], code: str) -> None:
    assert change[0] in WHOLE
    assert code in codes(WHOLE.replace(*change, 1))


def test_a_protective_ending_past_harm_that_was_not_mended_is_an_error() -> None:
    harm = choose("c", option("hurt", role="harmful", attributes='go="b"'), option("help", attributes='go="b"'))
    after = choose("d", option("on", attributes='go="good"'), option("stop", attributes='go="bad"'))
    assert "protected-past-harm" in codes(case_xml(scene("a", harm) + scene("b", after)))
    mending = after.replace('id="on" role="ok" ', 'id="on" role="ok" mends="hurt" ')
    assert "protected-past-harm" not in codes(case_xml(scene("a", harm) + scene("b", mending)))


def test_a_task_with_points_that_can_be_met_twice_is_an_error() -> None:
    task = choose("c", option("x", attributes='points="1" go="a"'), option("y", attributes='go="good"'),
                  option("z", attributes='go="bad"'))  # fmt: skip
    assert "scored-again" in codes(case_xml(scene("a", task)))
    assert "scored-again" not in codes(case_xml(scene("a", task.replace('points="1"', ""))))


def test_a_circle_without_a_way_out_is_an_error() -> None:
    circle = choose("c", option("x", attributes='go="a"'), option("y", attributes='go="a"'))
    assert "no-ending" in codes(case_xml(scene("a", circle)))
    assert "empty-circle" in codes(case_xml(scene("a", '<go to="b"/>') + scene("b", '<go to="a"/>')))


def test_every_option_closed_is_an_error_with_the_state_in_which_it_happens() -> None:
    gate = choose("c", option("x", attributes='if="n = 1" go="good"'), option("y", attributes='if="n = 2" go="bad"'))
    first = choose("f", *(option(f"o{n}", attributes=f'set="n={n}" go="b"') for n in range(3)))
    source = case_xml(scene("a", first) + scene("b", gate), variables='<variable id="n" min="0" max="2" start="0"/>')
    case, _ = xml.parse(source)
    assert case is not None
    stuck = [one for one in check.check(case) if one.code == "no-open-option"]
    assert len(stuck) == 1
    assert "n = 0" in stuck[0].message


def test_what_no_condition_ahead_reads_does_not_multiply_states() -> None:
    """Twenty choices that set twenty variables nobody reads again are twenty places, not a million states."""
    names = [f"v{n}" for n in range(20)]
    scenes = "".join(
        scene(f"s{n}", choose(f"c{n}", option(f"a{n}", attributes=f'set="{name}=1"'), option(f"b{n}"))
              + (f'<go to="s{n + 1}"/>' if n < 19 else '<go if="v19 = 1" to="good"/><go to="bad"/>'))
        for n, name in enumerate(names)
    )  # fmt: skip
    variables = "".join(f'<variable id="{name}" min="0" max="1" start="0"/>' for name in names)
    graph = states.explore(sound(case_xml(scenes, start="s0", variables=variables)))
    assert len(graph.places) <= 25


def test_a_case_that_is_too_entangled_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MOST_STATES", 3)
    monkeypatch.setattr(states.explore, "__defaults__", (3,))
    assert "too-entangled" in codes(WHOLE)


# -- brute force ------------------------------------------------------------------------------------------------------


def brute(case: Case, play: engine.Play, depth: int = 0) -> int:
    """The most points of any way to an ending, by trying everything; -1 where none ends within forty moves."""
    if play.ending:
        return 0
    if depth > 14:
        return -1
    due = engine.task(case, play)
    best = -1
    for answer, points in answers(case, play, due):
        rest = brute(case, engine.apply(case, play, answer), depth + 1)
        if rest >= 0:
            best = max(best, points + rest)
    return best


def answers(case: Case, play: engine.Play, due: object) -> list[tuple[Answer, int]]:
    if isinstance(due, Choose):
        return [(Answer(due.id, option=one.id), one.points) for one in engine.open_options(case, play.world, due)]
    if isinstance(due, Spot):
        names = ["indicator:papers", "indicator:debt", "decoy:rice"]
        subsets = [tuple(name for n, name in enumerate(names) if mask >> n & 1) for mask in range(8)]
        return [(one, score.earned(case, one)) for one in (Answer(due.id, phrases=names) for names in subsets)]
    assert isinstance(due, Write)
    return [(Answer(due.id, words="w"), case.rubric[due.rubric].most)]


def random_case(seed: int) -> str:
    dice = random.Random(seed)  # noqa: S311
    count = dice.randint(2, 6)
    condition = ["", 'if="n = 1"', 'if="found(debt)"', 'if="seen(s1) and n &lt; 2"', 'if="not found(papers) or n = 0"']
    scenes = []
    for n in range(count):
        later = [f"s{m}" for m in range(n + 1, count)] + ["good", "bad"]
        tasks = ""
        if dice.random() < 0.3:
            tasks += f'<spot id="p{n}" document="note" points="{dice.randint(1, 5)}"><ask>Mark.</ask></spot>'
        options = [option(f"free{n}", attributes=f'go="{dice.choice(later)}"')]
        for m in range(dice.randint(1, 3)):
            target = dice.choice([*later, *([f"s{dice.randint(0, n)}"] if dice.random() < 0.2 else [])])
            effect = dice.choice(["", 'set="n+1"', 'set="n=0"', 'set="n-1"'])
            points = "" if dice.random() < 0.4 else f'points="{dice.randint(1, 3)}"'
            options.append(option(f"o{n}x{m}", attributes=f'{dice.choice(condition)} {effect} {points} go="{target}"'))
        tasks += choose(f"c{n}", *options)
        scenes.append(scene(f"s{n}", tasks, opens="note" if "<spot" in tasks else ""))
    return case_xml("".join(scenes), start="s0", variables='<variable id="n" min="0" max="2" start="0"/>')


def test_the_maximum_equals_brute_force_on_random_small_cases() -> None:
    tried = 0
    for seed in range(200):
        case, findings = xml.parse(random_case(seed))
        assert case is not None, [str(one) for one in findings]
        known = {scene.id for scene in case.scenes}
        leads = [one for one in check.check(case) if one.is_error]
        # Unreachable scenes and dead options do not change the maximum; everything else makes it undefined.
        if not known or any(not one.code.startswith(("unreachable", "dead")) for one in leads):
            continue
        tried += 1
        assert states.maximum(case) == max(0, brute(case, engine.begin(case))), random_case(seed)
    assert tried > 60


def test_every_state_that_play_reaches_is_in_the_graph() -> None:
    dice = random.Random(7)  # noqa: S311
    for seed in range(60):
        case, _ = xml.parse(random_case(seed))
        assert case is not None
        if any(one.is_error and not one.code.startswith(("unreachable", "dead")) for one in check.check(case)):
            continue
        graph = states.explore(case)
        places = set(graph.places)
        for _ in range(10):
            play = engine.begin(case)
            while not play.ending and len(play.steps) < 30:
                assert (play.scene, play.position) in places
                move, _ = dice.choice(answers(case, play, engine.task(case, play)))
                play = engine.apply(case, play, move)
