import pytest

from cases import case_xml, choose, option, scene, sound
from casework.scenario import engine, score
from casework.scenario.engine import Answer, IllegalMove, Move, Skip
from casework.scenario.model import Case

LOOK = Answer("look", phrases=("indicator:debt", "decoy:rice"))
ASK = Answer("who", option="ask", sure=2)
SAY = Answer("say", words="w1")
NEWS = Answer("news", value=-1)


def played(case: Case, *moves: Move) -> engine.Play:
    play = engine.begin(case)
    for move in moves:
        play = engine.apply(case, play, move)
    return play


def test_tasks_of_a_scene_come_in_order_and_the_first_way_that_holds_leads_on(whole: Case) -> None:
    play = played(whole, LOOK)
    assert (play.scene, play.position) == ("a", 1)
    play = played(whole, LOOK, ASK, SAY, NEWS)
    assert play.ending == "good"
    play = played(whole, LOOK, Answer("who", option="send", sure=0), SAY, NEWS)
    assert play.scene == "mend"


def test_an_option_with_a_way_drops_what_is_left_of_the_scene() -> None:
    case = sound(
        case_xml(
            scene(
                "a",
                choose("c", option("x", attributes='go="good"'), option("y"))
                + choose("d", option("z", attributes='go="bad"'), option("w", attributes='go="bad"')),
            )
        )
    )
    assert played(case, Answer("c", option="x")).ending == "good"
    assert engine.task(case, played(case, Answer("c", option="y"))).id == "d"  # type: ignore[union-attr]


def test_scenes_without_a_task_are_read_on_the_way() -> None:
    case = sound(
        case_xml(
            scene("a", '<go to="b"/>')
            + scene("b", choose("c", option("x", attributes='go="d"'), option("y", attributes='go="bad"')))
            + scene("d", '<go to="good"/>')
        )
    )
    assert played(case).read == ("a", "b")
    end = played(case, Answer("c", option="x"))
    assert (end.ending, end.read) == ("good", ("d",))


def test_effects_are_clamped(whole: Case) -> None:
    world = engine.World((2,), frozenset(), frozenset())
    task = whole.task["who"]
    assert engine.affected(whole, world, task.by_id["ask"]).values == (2,)  # type: ignore[union-attr]


def test_what_was_marked_opens_an_option(whole: Case) -> None:
    doubt = Answer("who", option="doubt", sure=1)
    assert played(whole, LOOK, doubt).scene == "b"
    with pytest.raises(IllegalMove, match="closed"):
        played(whole, Answer("look", phrases=("indicator:papers",)), doubt)


@pytest.mark.parametrize(
    "move",
    [
        Answer("who", option="ask", sure=1),
        Answer("nothing", option="ask"),
        Answer("look", phrases=("indicator:unknown",)),
        Answer("look", phrases=("indicator:debt", "indicator:debt")),
        Answer("look", phrases=("indicator:debt",), sure=1),
    ],
)
def test_an_illegal_move_raises_and_changes_nothing(whole: Case, move: Move) -> None:
    play = engine.begin(whole)
    with pytest.raises(IllegalMove):
        engine.apply(whole, play, move)
    assert play == engine.begin(whole)


@pytest.mark.parametrize("sure", [None, 3, -1])
def test_how_sure_is_said_where_it_is_asked(whole: Case, sure: int | None) -> None:
    with pytest.raises(IllegalMove):
        played(whole, LOOK, Answer("who", option="ask", sure=sure))


def test_nothing_follows_an_ending(whole: Case) -> None:
    with pytest.raises(IllegalMove):
        played(whole, LOOK, ASK, SAY, NEWS, Skip())


def test_a_skip_takes_the_first_open_key_option_and_earns_nothing(whole: Case) -> None:
    play = played(whole, Skip())
    step = play.steps[0]
    assert (play.scene, step.taken, step.left) == ("b", ("ask",), ("look", "who"))
    assert play.world.values == (2,)
    tally = score.tally(whole, play, 8)
    assert (tally.points, tally.skipped) == (0, 6)


def test_answers_already_given_stand_when_the_rest_is_skipped(whole: Case) -> None:
    play = played(whole, LOOK, Skip())
    assert play.steps[1].left == ("who",)
    assert "debt" in play.world.found


def test_three_scenes_may_be_skipped() -> None:
    hub = choose(
        "c", option("x", attributes='go="a"'), option("y", attributes='go="good"'), option("z", attributes='go="bad"')
    )
    case = sound(case_xml(scene("a", hub)))
    with pytest.raises(IllegalMove, match="at most 3"):
        played(case, Skip(), Skip(), Skip(), Skip())


def test_a_choice_without_points_is_asked_anew_at_each_visit() -> None:
    hub = choose(
        "c",
        option("x", attributes='set="n+1" go="a"'),
        option("y", attributes='if="n = 2" go="good"'),
        option("z", attributes='go="bad"'),
    )
    case = sound(case_xml(scene("a", hub), variables='<variable id="n" min="0" max="2" start="0"/>'))
    assert played(case, Answer("c", option="x"), Answer("c", option="x"), Answer("c", option="y")).ending == "good"


def test_replaying_the_moves_gives_the_same_play_up_to_the_first_that_does_not_fit(whole: Case) -> None:
    moves = [LOOK, ASK, NEWS, SAY]
    play, fitting = engine.replay(whole, moves)
    assert fitting == 2
    assert play == played(whole, LOOK, ASK)


def test_documents_enter_the_case_file_when_a_scene_opens_them(whole: Case) -> None:
    assert engine.opened_documents(whole, played(whole)) == ("note",)
