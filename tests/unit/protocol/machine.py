"""Plays of a federation as Hypothesis draws them and cuts them short."""

from collections import Counter
from collections.abc import Callable
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fengqiao.domain.topology import Topology
from tests.unit.protocol.play import COURSE_WORK, CUSTODY, FAULTS, MISUSE, NETWORK, PICKS, WORKING, Play, Step
from tests.unit.samples import THREE_LEVELS, TWO_LEVELS

PICK = st.integers(0, PICKS - 1)
Action = Callable[[Play, Step], None]


def named(actions: tuple[Action, ...]) -> st.SearchStrategy[str]:
    return st.sampled_from([action.__name__ for action in actions])


class Federation(RuleBasedStateMachine):
    """One play; `seen` counts over all of them."""

    topology: ClassVar[Topology]
    seen: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.play = Play(self.topology, self.seen)

    def _do(self, what: str, where: int, pick: int, flag: bool) -> None:
        self.play.do(Step(what, where, pick, flag))

    @initialize(where=PICK, pick=PICK, flag=st.booleans())
    def first_case(self, where: int, pick: int, flag: bool) -> None:
        self._do("register", where, pick, flag)

    @rule(what=named(CUSTODY), where=PICK, pick=PICK, flag=st.booleans())
    def hand_over(self, what: str, where: int, pick: int, flag: bool) -> None:
        self._do(what, where, pick, flag)

    @rule(what=named(COURSE_WORK), where=PICK, pick=PICK, flag=st.booleans())
    def handle(self, what: str, where: int, pick: int, flag: bool) -> None:
        self._do(what, where, pick, flag)

    @rule(what=named(WORKING), where=PICK, pick=PICK, flag=st.booleans())
    def work(self, what: str, where: int, pick: int, flag: bool) -> None:
        self._do(what, where, pick, flag)

    @rule(what=named(NETWORK), where=PICK, pick=PICK, flag=st.booleans())
    def network(self, what: str, where: int, pick: int, flag: bool) -> None:
        self._do(what, where, pick, flag)

    @rule(what=named(FAULTS), where=PICK, pick=PICK, flag=st.booleans())
    def fault(self, what: str, where: int, pick: int, flag: bool) -> None:
        self._do(what, where, pick, flag)

    @rule(what=named(MISUSE), where=PICK, pick=PICK, flag=st.booleans())
    def misuse(self, what: str, where: int, pick: int, flag: bool) -> None:
        self._do(what, where, pick, flag)

    @invariant()
    def everything_holds(self) -> None:
        self.play.check()

    def teardown(self) -> None:
        self.play.finish()


class TwoLevels(Federation):
    """The city and its counties."""

    topology = TWO_LEVELS
    seen: ClassVar[Counter[str]] = Counter()


class ThreeLevels(Federation):
    """The city, two counties, three townships."""

    topology = THREE_LEVELS
    seen: ClassVar[Counter[str]] = Counter()
