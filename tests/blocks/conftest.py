import pytest
from xblock.runtime import DictKeyValueStore

from cases import WHOLE
from casework.scenario import xml
from learners import Learner


@pytest.fixture
def learner(db: None) -> Learner:
    return Learner(xml.canonical(xml.tree(WHOLE, "case")), DictKeyValueStore())
