"""The flow of a class as a picture: where things stand, and that nothing in it is markup."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree

from casework.review.flow import Band, Place, stages, svg

START = Place("start", "start", "Start", 114)
HEAR = Place("first=hear", "first", "ฟังแต่ละคนก่อนตามลำพัง", 78)
FORMS = Place("first=forms", "first", "ให้สองคนเซ็น", 36, harm=True)
ALONE = Place("then=alone", "then", "ကပ္ပတိန် 🧭", 62)
SAFE = Place("end=safe", "end", "ทุกคนปลอดภัย", 80, last=True)
LATE = Place("end=late", "end", "สายเกินไป", None, harm=True, last=True)
PLACES = (START, HEAR, FORMS, ALONE, SAFE, LATE)
BANDS = (
    Band("start", "first=hear", 78),
    Band("start", "first=forms", 36, harm=True),
    Band("first=hear", "then=alone", 62),
    Band("first=hear", "end=safe", 16),
    Band("then=alone", "end=safe", 62),
    Band("first=forms", "end=late", 20, harm=True),
)


def drawn(places: tuple[Place, ...] = PLACES, bands: tuple[Band, ...] = BANDS) -> ElementTree.Element:
    return ElementTree.fromstring(svg(places, bands, 114, "How they went"))  # noqa: S314  our own


def bars(tree: ElementTree.Element) -> list[dict[str, str]]:
    return [one.attrib for one in tree.iter() if one.tag.endswith("rect")]


def test_stages_go_from_the_start_to_the_endings() -> None:
    assert stages(PLACES, BANDS) == {"start": 0, "first": 1, "then": 2, "end": 3}


def test_decisions_met_in_either_order_stand_as_they_are_given() -> None:
    back = (*BANDS, Band("then=alone", "first=hear", 5))
    assert stages(PLACES, back) == {"start": 0, "first": 1, "then": 2, "end": 3}
    assert len(bars(drawn(bands=back))) == len(PLACES)


def test_bars_and_bands_are_as_large_as_their_numbers() -> None:
    tree = drawn()
    high = {float(one["height"]) for one in bars(tree)}
    assert 240.0 in high
    assert round(240 * 78 / 114, 1) in high
    wide = sorted(float(one.attrib["stroke-width"]) for one in tree.iter() if one.tag.endswith("path"))
    assert wide[-1] == round(240 * 78 / 114, 1)


def test_a_hidden_number_is_neither_said_nor_measured() -> None:
    late = next(one for one in bars(drawn()) if "unsaid" in one["class"])
    assert late["height"] == f"{240 * 20 / 114:.1f}"
    words = " ".join(" ".join(drawn().itertext()).split())
    assert "36 ให้สองคนเซ็น" in words
    assert "สายเกินไป" in words
    assert "None" not in words


def test_no_two_bars_of_a_stage_lie_on_each_other_and_nothing_leaves_the_sheet() -> None:
    tree = drawn()
    _, _, wide, high = (float(one) for one in tree.attrib["viewBox"].split())
    by_stage: dict[str, list[tuple[float, float]]] = {}
    for one in bars(tree):
        by_stage.setdefault(one["x"], []).append((float(one["y"]), float(one["y"]) + float(one["height"])))
        assert 0 <= float(one["x"]) < wide
        assert 0 <= float(one["y"]) <= float(one["y"]) + float(one["height"]) <= high
    for some in by_stage.values():
        some.sort()
        assert all(a[1] < b[0] for a, b in pairwise(some))


def test_harm_is_marked_by_shape_and_colour() -> None:
    source = svg(PLACES, BANDS, 114, "")
    assert source.count('<i class="diamond">') == 2
    assert source.count('class="band harm"') == 3  # one of them passes a stage
    assert 'class="bar harm unsaid"' in source


def test_words_are_never_markup() -> None:
    attack = "</div><script>alert(1)</script>\"'&"
    source = svg((START, Place("end=x", "end", attack, 5, last=True)), (Band("start", "end=x", 5),), 114, attack)
    assert "<script" not in source
    assert attack in " ".join(ElementTree.fromstring(source).itertext())  # noqa: S314


def test_a_class_without_bands_is_a_picture_all_the_same() -> None:
    assert len(bars(drawn(bands=()))) == len(PLACES)
    assert svg((START,), (), 0, "")


def test_the_same_class_gives_the_same_picture() -> None:
    assert svg(PLACES, BANDS, 114, "x") == svg(PLACES, BANDS, 114, "x")
    assert not re.search(r"nan|inf", svg(PLACES, BANDS, 1, "x"))
