import pytest

from cases import WHOLE, sound
from casework.scenario.model import Case


@pytest.fixture
def whole() -> Case:
    """One case with every kind of task."""
    return sound(WHOLE)
