"""Who acts, what a switch changes, and who may review."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from casework.preview import roles
from preview.conftest import EN, TH

ActAs = Callable[[str], Client]


def test_only_the_instructor_may_review(db: None) -> None:
    assert [a.username for a in roles.ACCOUNTS if roles.may_review(a.user, TH)] == ["instructor"]
    assert not roles.may_review(None, TH)


def test_the_first_visitor_is_a_learner(db: None, shelf: None) -> None:
    assert b'value="learner_a" aria-label="Learner A" aria-pressed="true"' in Client().get("/").content


def test_a_role_stays_for_the_session(act_as: ActAs) -> None:
    client = act_as("author")
    assert b'value="author" aria-pressed="true"' in client.get("/").content
    assert b"Learner B" not in client.get("/").content


def test_an_unknown_account_changes_nothing(act_as: ActAs) -> None:
    assert b'value="learner_a" aria-label="Learner A" aria-pressed="true"' in act_as("root").get("/").content


def test_switching_asks_for_a_token(act_as: ActAs) -> None:
    answer = Client(enforce_csrf_checks=True).post("/role/", {"account": "author"})
    assert answer.status_code == 403
    assert b"load the page again" in answer.content


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/", ""])
def test_switching_never_leads_away(act_as: ActAs, target: str) -> None:
    assert Client().post("/role/", {"account": "author", "next": target}).headers["Location"] == "/"


def test_an_anonymous_id_is_stable_and_another_one_in_every_course() -> None:
    here = roles.anonymous_id("learner_a", TH)
    assert here == roles.anonymous_id("learner_a", TH)
    assert len({here, roles.anonymous_id("learner_b", TH), roles.anonymous_id("learner_a", EN)}) == 3
    account = roles.account_of(here, TH)
    assert account is not None and account.username == "learner_a"
    assert roles.account_of(here, EN) is None
