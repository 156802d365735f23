import pytest

from fengqiao.domain.errors import Kind
from fengqiao.domain.topology import Centre
from fengqiao.domain.unit import WINDOW
from tests.unit.domain.refusals import faults_of, refusal_of
from tests.unit.samples import CENTRES, CITY, THREE_LEVELS, UNITS


@pytest.mark.parametrize("centre", CENTRES)
def test_every_centre_has_its_window_first(centre: Centre) -> None:
    assert UNITS.units(centre)[0].code == WINDOW
    assert UNITS.unit(centre, WINDOW).name == "受理窗口"


@pytest.mark.parametrize("code", ["justice", "", "Window", "word:state.assigned"])
def test_a_unit_of_another_level_or_of_none_is_refused(code: str) -> None:
    refusal = refusal_of(UNITS.unit, THREE_LEVELS.centre(CITY), code)
    assert refusal.kind is Kind.INVALID
    assert faults_of(refusal) == [("unit", "unit_unknown")]
