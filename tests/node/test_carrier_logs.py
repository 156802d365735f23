"""At most twenty lines a minute of the transport, and the rest is counted, not forgotten."""

import logging
from collections.abc import Iterator

import pytest

from fengqiao.bus.log_limits import TRANSPORT_LOGGERS, TransportLogLimit, limit_transport_logging
from tests.node.carrier_rig import ShownLines, shown_lines


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def limit(clock: Clock) -> Iterator[TransportLogLimit]:
    limit = TransportLogLimit(20, clock)
    limit.attach(["made_up_transport"], logging.WARNING)
    yield limit
    limit.undo()


@pytest.fixture
def shown() -> Iterator[ShownLines]:
    with shown_lines() as shown:
        yield shown


def test_a_storm_of_one_sentence_becomes_three_lines_and_a_count(
    limit: TransportLogLimit, clock: Clock, shown: ShownLines
) -> None:
    deep = logging.getLogger("made_up_transport.consumer.fetcher")
    for number in range(2_309):
        deep.error("Unable connect to node %d", number)
    assert shown.texts() == ["Unable connect to node 0", "Unable connect to node 1", "Unable connect to node 2"]
    assert limit.hidden_total == 2_306
    clock.now += 60
    deep.error("again")
    count, last = shown.texts()[3:]
    assert count.startswith("2306 more lines of the transport in a minute, not shown: 2306 x made_up_transport.")
    assert last == "again"


def test_a_storm_of_many_sentences_becomes_nineteen_lines(limit: TransportLogLimit, shown: ShownLines) -> None:
    for number in range(500):
        logging.getLogger(f"made_up_transport.{number}").error("away")
    assert len(shown.records) == 19
    assert limit.hidden_total == 481


def test_no_minute_has_more_than_twenty_lines_wherever_it_begins(
    limit: TransportLogLimit, clock: Clock, shown: ShownLines
) -> None:
    shown_at: list[float] = []
    for number in range(1_000):
        before = len(shown.records)
        logging.getLogger(f"made_up_transport.{number % 13}").error("away")
        shown_at += [clock.now] * (len(shown.records) - before)
        clock.now += 0.37
    assert max(sum(start <= at < start + 60 for at in shown_at) for start in shown_at) <= 20
    assert len(shown_at) > 60


def test_a_few_lines_pass_untouched_and_lower_levels_do_not(limit: TransportLogLimit, shown: ShownLines) -> None:
    logging.getLogger("made_up_transport.a").info("not this")
    logging.getLogger("made_up_transport.a").warning("but this")
    assert shown.texts() == ["but this"]
    assert limit.hidden_total == 0


def test_other_loggers_are_not_limited(limit: TransportLogLimit, shown: ShownLines) -> None:
    for _ in range(100):
        logging.getLogger("made_up_handler").error("a case")
    assert len(shown.texts()) == 100
    assert limit.hidden_total == 0


def test_undo_leaves_every_logger_as_it_was() -> None:
    loggers = [logging.getLogger(name) for name in TRANSPORT_LOGGERS]
    before = [(logger.propagate, logger.level, list(logger.handlers)) for logger in loggers]
    limit = limit_transport_logging()
    assert all(logger.handlers[-1] is limit for logger in loggers)
    limit.undo()
    assert [(logger.propagate, logger.level, list(logger.handlers)) for logger in loggers] == before


def test_a_limit_below_two_lines_is_refused() -> None:
    with pytest.raises(ValueError, match="one line a minute"):
        TransportLogLimit(1)


def crash() -> None:
    raise KeyError("batch")


def test_a_stack_trace_counts_with_all_its_lines(limit: TransportLogLimit, shown: ShownLines) -> None:
    for number in range(10):
        try:
            crash()
        except KeyError:
            logging.getLogger("made_up_transport").exception("trace %d of %s", number, number)
            logging.getLogger(f"made_up_transport.{number}").exception("crash")
    lines = sum(1 + str(record.exc_text or "").count("\n") for record in shown.records)
    assert 1 <= len(shown.records) <= 5
    assert lines < 20
