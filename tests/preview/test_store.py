"""Whose fields a request may change, and that two changes at once lose nothing."""

from __future__ import annotations

import pytest
from xblock.exceptions import InvalidScopeError
from xblock.fields import BlockScope, Scope, UserScope
from xblock.runtime import KeyValueStore

from casework.preview.store import Store

BLOCK = "block-v1:Casework+TH+th+type@problem+block@q"


def _key(name: str, scope: Scope = Scope.user_state, user: int | None = 1) -> KeyValueStore.Key:
    return KeyValueStore.Key(scope, user, BLOCK, name, "xblock.v1")


def test_a_learners_request_cannot_change_what_an_author_wrote() -> None:
    authored = {BLOCK: {"title": "as it was"}}
    with pytest.raises(InvalidScopeError):
        Store(authored, may_author=False).set(_key("title", Scope.content, None), "changed")
    assert authored == {BLOCK: {"title": "as it was"}}


def test_an_authors_change_is_seen_by_the_next_request() -> None:
    authored: dict[str, dict[str, object]] = {BLOCK: {}}
    Store(authored, may_author=True).set(_key("title", Scope.content, None), "ใหม่")
    assert Store(authored, may_author=False).get(_key("title", Scope.content, None)) == "ใหม่"


def test_a_field_that_was_never_set_is_missing(db: None) -> None:
    with pytest.raises(KeyError):
        Store({}, may_author=False).get(_key("answer"))
    assert not Store({}, may_author=False).has(_key("answer"))


def test_state_is_read_by_a_later_request_in_every_script(db: None) -> None:
    Store({}, may_author=False).set(_key("answer"), {"ข้อ": "ဟုတ်ကဲ့ 🌊"})
    assert Store({}, may_author=False).get(_key("answer")) == {"ข้อ": "ဟုတ်ကဲ့ 🌊"}


def test_people_have_separate_states_and_share_what_is_for_all(db: None) -> None:
    shared = Scope(UserScope.ALL, BlockScope.USAGE, name="user_state_summary")
    store = Store({}, may_author=False)
    store.set_many({_key("answer", user=1): "a", _key("seen", shared, None): 3})
    assert not Store({}, may_author=False).has(_key("answer", user=2))
    assert Store({}, may_author=False).get(_key("seen", shared, None)) == 3


def test_two_requests_that_change_other_fields_lose_nothing(db: None) -> None:
    first, second = Store({}, may_author=False), Store({}, may_author=False)
    assert not first.has(_key("a")) and not second.has(_key("b"))
    first.set(_key("a"), 1)
    second.set(_key("b"), 2)
    later = Store({}, may_author=False)
    assert (later.get(_key("a")), later.get(_key("b"))) == (1, 2)


def test_a_deleted_field_is_gone_and_the_others_stay(db: None) -> None:
    store = Store({}, may_author=False)
    store.set_many({_key("a"): 1, _key("b"): 2})
    store.delete(_key("a"))
    later = Store({}, may_author=False)
    assert not later.has(_key("a"))
    assert later.get(_key("b")) == 2
