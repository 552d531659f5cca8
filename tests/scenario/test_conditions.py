import pytest

from casework.scenario.conditions import ALWAYS, ConditionError, Facts, leaves, parse_condition, parse_effects

FACTS = Facts({"trust": 2, "time": 0}, {"yard"}, {"debt"})


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("trust = 2", True),
        ("trust != 2", False),
        ("trust > 1 and time = 0", True),
        ("trust < 1 or time <= 0", True),
        ("not seen(yard)", False),
        ("found(debt) and not found(papers)", True),
        ("seen(yard) or trust = 0 and time = 1", True),
        ("(seen(yard) or trust = 0) and time = 1", False),
        ("not not seen(yard)", True),
        ("time >= -1", True),
    ],
)
def test_a_condition_reads_variables_scenes_and_indicators(text: str, holds: bool) -> None:
    assert parse_condition(text).holds(FACTS) is holds


def test_no_condition_always_holds() -> None:
    assert ALWAYS.holds(FACTS)
    assert not list(leaves(ALWAYS))


@pytest.mark.parametrize(
    "text",
    ["", "trust", "trust =", "= 1", "seen()", "seen(yard", "(trust = 1", "trust = 1)", "trust = 1 trust = 2",
     "__import__('os')", "trust = 1; drop", "and", "not", "trust == 1", "TRUST = 1", "(" * 100 + "trust = 1"],
)  # fmt: skip
def test_what_is_no_condition_is_refused_and_never_run(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(text)


def test_effects_are_read_in_order() -> None:
    effects = parse_effects("trust+1, time-2,child=1")
    assert [(one.variable, one.op, one.number) for one in effects] == [
        ("trust", "+", 1),
        ("time", "-", 2),
        ("child", "=", 1),
    ]
    assert [one.applied(5) for one in effects] == [6, 3, 1]


@pytest.mark.parametrize("text", ["", "trust", "trust*2", "trust+1;time-1", "trust=x", "trust+1,"])
def test_what_is_no_effect_is_refused(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_effects(text)
