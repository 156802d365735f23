"""A ceiling on what may be written while a broker or a database is away (DESIGN section 4: 2,309 lines in one outage).

Faust, mode, aiokafka, the pools of psycopg, and the relays and carriers of 147 nodes in a process all complain at once
and for minutes. What is over the limit is counted and told in one line a minute instead.
"""

import logging
import threading
import time
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable
from typing import Final

TRANSPORT_LOGGERS: Final = (
    *("faust", "mode", "aiokafka", "kafka", "psycopg", "asyncio"),
    *("fengqiao.bus", "bus", "timers"),
)

# kafka-python's own loop warns when a step of its admin client takes a tenth of a second, which harms nobody here.
_OWN_BUSINESS: Final = ("kafka.net.selector",)

_WINDOW_SECONDS: Final = 60.0
_MOST_FREQUENT: Final = 3
_SAME_LINES: Final = 3


class TransportLogLimit(logging.Handler):
    """Passes at most `lines_per_minute` records of some loggers on to the root's handlers, in any 60 seconds.

    At most three of them are the same sentence, so that one voice does not drown the others.
    One of the lines is kept for the count of what was not shown; it comes with the first record a minute after the
    first hidden one, or with `undo`. Records of CRITICAL always pass.
    """

    def __init__(self, lines_per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        if lines_per_minute < 2:
            raise ValueError("one line a minute is the count; at least one more is needed")
        self._lines_per_minute = lines_per_minute
        self._clock = clock
        self._passed: deque[tuple[float, str]] = deque()
        self._hidden: Counter[str] = Counter()
        self._hidden_since = 0.0
        self._hidden_total = 0
        self._quieted: list[tuple[logging.Logger, bool, int]] = []
        self._guard = threading.RLock()

    @property
    def hidden_total(self) -> int:
        """How many lines have not been shown since the start."""
        return self._hidden_total

    def attach(self, names: Iterable[str], level: int) -> None:
        """Puts the loggers of these names, and all below them, behind the limit; they get `level` as their least."""
        for name in names:
            logger = logging.getLogger(name)
            self._quieted.append((logger, logger.propagate, logger.level))
            logger.addHandler(self)
            logger.propagate = False
            logger.setLevel(level)

    def undo(self) -> None:
        """Tells what is still to be told and leaves the loggers as they were."""
        with self._guard:
            self._tell_hidden()
        for logger, propagate, level in self._quieted:
            logger.removeHandler(self)
            logger.propagate = propagate
            logger.setLevel(level)
        self._quieted.clear()

    def emit(self, record: logging.LogRecord) -> None:
        """Passes the record on, or counts it."""
        with self._guard:
            now, sentence, lines = self._clock(), _sentence(record), _lines(record)
            while self._passed and now - self._passed[0][0] >= _WINDOW_SECONDS:
                self._passed.popleft()
            if self._hidden and now - self._hidden_since >= _WINDOW_SECONDS:
                self._tell_hidden()
            if self._has_room(sentence, lines) or record.levelno >= logging.CRITICAL:
                self._passed.extend([(now, sentence), *[(now, "")] * (lines - 1)])
                logging.getLogger().handle(record)
            else:
                self._hide(sentence, now)

    def _has_room(self, sentence: str, lines: int) -> bool:
        same = sum(passed == sentence for _, passed in self._passed)
        return same < _SAME_LINES and len(self._passed) + lines < self._lines_per_minute

    def _hide(self, sentence: str, now: float) -> None:
        if not self._hidden:
            self._hidden_since = now
        self._hidden[sentence] += 1
        self._hidden_total += 1

    def _tell_hidden(self) -> None:
        if not self._hidden:
            return
        examples = "; ".join(f"{count} x {text[:100]}" for text, count in self._hidden.most_common(_MOST_FREQUENT))
        text = f"{self._hidden.total()} more lines of the transport in a minute, not shown: {examples}"
        self._hidden.clear()
        logging.getLogger().handle(logging.LogRecord(__name__, logging.WARNING, __file__, 0, text, (), None))


def _sentence(record: logging.LogRecord) -> str:
    """What a record says, without what differs each time; records of structlog are a mapping."""
    said = record.msg.get("event") if isinstance(record.msg, dict) else record.msg
    return f"{record.name}: {said}"


def _lines(record: logging.LogRecord) -> int:
    """How many lines a record will have, with its stack trace."""
    error = record.exc_info[1] if record.exc_info else None
    return 1 + (sum(text.count("\n") for text in traceback.format_exception(error)) if error else 0)


def limit_transport_logging(lines_per_minute: int = 20, level: int = logging.WARNING) -> TransportLogLimit:
    """Puts all loggers of the transport of this process behind one limit; called once, by entry, after its set-up.

    `undo()` of what is returned takes it away again.
    """
    limit = TransportLogLimit(lines_per_minute)
    limit.attach(TRANSPORT_LOGGERS, level)
    limit.attach(_OWN_BUSINESS, max(level, logging.ERROR))
    return limit
