from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from fengqiao.domain.case import CaseKind, Channel
from fengqiao.domain.course import Grade
from fengqiao.domain.routing import Matter, Route, RouteBook, Target, route_book, shadows
from fengqiao.domain.routing_trial import PastCase, tried
from tests.unit.domain.editions import COUNTY, TOWNSHIP, a_rule

ITEMS = ("01", "02", "0101", "0102", "0201")
PLACES = ("新河路", "新河", "东风路")
A_MATTER = Matter("0102", "small", "新河路口", TOWNSHIP, "desk", "request")

codes = st.sampled_from(["a", "b", "c", "d", "e", "f"])
routes = st.builds(
    Route,
    code=codes,
    name=st.just("规则"),
    order=st.integers(1, 5),
    target=st.sampled_from([Target("police"), Target("justice"), Target(to="up")]),
    items=st.frozensets(st.sampled_from(ITEMS), max_size=3),
    origins=st.frozensets(st.sampled_from([TOWNSHIP, COUNTY]), max_size=1),
    places=st.lists(st.sampled_from(PLACES), max_size=2, unique=True).map(tuple),
    grades=st.frozensets(st.sampled_from([one.value for one in Grade]), max_size=3),
    channels=st.frozensets(st.sampled_from([one.value for one in Channel]), max_size=6),
    kinds=st.frozensets(st.sampled_from([one.value for one in CaseKind]), max_size=4),
)
books = st.lists(routes, max_size=6, unique_by=lambda route: route.code).map(
    lambda found: RouteBook("1", tuple(sorted(found, key=lambda route: (route.order, route.code))))
)
matters = st.builds(
    Matter,
    st.sampled_from(["", "0101", "0102", "0103", "0201", "0301"]),
    st.sampled_from(["", *(one.value for one in Grade)]),
    st.sampled_from(["", "别处", "新河路口", "新河村", "东风路", "新河路与东风路口"]),
    st.sampled_from([TOWNSHIP, COUNTY, "371499"]),
    st.sampled_from([one.value for one in Channel]),
    st.sampled_from([one.value for one in CaseKind]),
)


@given(books, matters)
def test_the_first_rule_that_fits_suggests(book: RouteBook, matter: Matter) -> None:
    found = book.suggestion(matter)
    fitting = [route for route in book.routes if route.fits(matter)]
    assert (found.route if found else None) == (fitting[0] if fitting else None)
    assert found is None or found.target == fitting[0].target


@given(books, matters)
def test_a_rule_that_is_called_unreachable_is_never_the_first_that_fits(book: RouteBook, matter: Matter) -> None:
    found = book.suggestion(matter)
    assert found is None or found.route.code not in book.shadowed


@given(books)
def test_a_rule_that_is_not_called_unreachable_gets_a_case_through(book: RouteBook) -> None:
    items = ["", "-", *ITEMS]
    for route in book.routes:
        if route.code in book.shadowed:
            continue
        assert route in (
            found.route
            for item in items
            for grade in ("", *(one.value for one in Grade))
            for place in route.places or ("",)
            for origin in (TOWNSHIP, COUNTY, "-")
            for channel in Channel
            for kind in CaseKind
            if (found := book.suggestion(Matter(item, grade, place, origin, channel.value, kind.value)))
        )


@given(books)
def test_whoever_takes_all_cases_of_a_rule_stands_before_it(book: RouteBook) -> None:
    position = {route.code: place for place, route in enumerate(book.routes)}
    for code, earlier in book.shadowed.items():
        assert earlier
        assert all(position[one] < position[code] for one in earlier)


def test_an_empty_list_suggests_nothing_and_shadows_nothing() -> None:
    assert RouteBook().suggestion(A_MATTER) is None
    assert shadows(()) == {}


def test_rules_are_asked_by_their_order_and_ties_by_their_code() -> None:
    rows = (a_rule("z", 1, unit="police"), a_rule("a", 10, unit="police"), a_rule("b", 2, unit="police"))
    assert [route.code for route in route_book("1", rows).routes] == ["z", "b", "a"]
    assert [route.code for route in route_book("1", (a_rule("z", 3), a_rule("a", 3))).routes] == ["a", "z"]


def test_a_class_speaks_of_its_items_and_no_rule_about_items_of_a_case_without_one() -> None:
    route = route_book("1", (a_rule("a", unit="police", items="01"),)).routes[0]
    assert route.fits_item("0102")
    assert not route.fits_item("0201")
    assert not route.fits_item("")


def test_a_wider_place_takes_the_cases_of_a_narrower_one() -> None:
    wide, narrow = a_rule("a", 1, unit="police", places="新河"), a_rule("b", 2, unit="justice", places="新河路 东风路")
    assert route_book("1", (wide, narrow)).shadowed == {}
    only = a_rule("b", 2, unit="justice", places="新河路")
    assert route_book("1", (wide, only)).shadowed == {"b": ("a",)}


def past(number: int, item: str, done: Target) -> PastCase:
    return PastCase(UUID(int=number), f"n{number}", "题", Matter(item, "", "", TOWNSHIP, "desk", "request"), done)


def test_a_trial_tells_same_other_open_and_unmatched_apart() -> None:
    book = route_book(
        "1",
        (
            a_rule("a", 1, items="01", unit="police"),
            a_rule("b", 2, items="0102", unit="justice"),
            a_rule("c", 3, items="03", to="up"),
        ),
    )
    cases = (
        past(1, "0101", Target("police")),
        past(2, "0102", Target("justice")),
        past(3, "0301", Target(to="up")),
        past(4, "0302", Target()),
        past(5, "0901", Target("police")),
    )
    trial = tried(book, cases)
    assert [one.case.number for one in trial.same] == ["n1", "n3"]
    assert [(one.case.number, one.suggested.unit, one.route.code) for one in trial.other] == [("n2", "police", "a")]
    assert [one.case.number for one in trial.open] == ["n4"]
    assert [one.number for one in trial.unmatched] == ["n5"]
    assert (trial.looked_at, trial.compared) == (5, 3)
    assert [(one.route.code, one.matched, one.same, one.earlier) for one in trial.routes] == [
        ("a", 2, 1, ()),
        ("b", 0, 0, ("a",)),
        ("c", 2, 1, ()),
    ]
    assert [one.route.code for one in trial.never_reached] == ["b"]


@given(books, st.lists(st.tuples(matters, st.sampled_from([Target(), Target("police"), Target(to="up")])), max_size=8))
def test_every_case_of_a_trial_is_counted_once(book: RouteBook, cases: list[tuple[Matter, Target]]) -> None:
    trial = tried(book, [PastCase(UUID(int=n), str(n), "", *one) for n, one in enumerate(cases)])
    parts = (trial.same, trial.other, trial.open, trial.unmatched)
    assert sum(map(len, parts)) == trial.looked_at == len(cases)
    assert sum(one.matched for one in trial.routes) == len(cases) - len(trial.unmatched)
    assert all(one.matched == 0 for one in trial.never_reached)
