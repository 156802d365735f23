"""Structured logs: one JSON object a line (or words for a person at a terminal), with case and trace ids.

Transports write thousands of lines while a broker is away; their loggers are limited to a few lines a minute.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping
from typing import Any, TextIO

import structlog

from fengqiao.observe.tracing import current_trace_id


def configure_logging(*, json: bool, level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's loggers for this process; called once, by the entry."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_trace,
        _one_line,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json
        # Plain, for the rich kind shows the values of local variables: a page for each line, and personal data in it.
        else structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    )
    finish: list[structlog.typing.Processor] = [structlog.processors.format_exc_info] if json else []
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *finish, renderer],
            foreign_pre_chain=shared,
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


def logger(room: str) -> structlog.typing.FilteringBoundLogger:
    """Give the logger of a room, such as `bus.relay`."""
    bound: structlog.typing.FilteringBoundLogger = structlog.get_logger(room)
    return bound


def bound(**values: str) -> Mapping[str, Any]:
    """Add values, such as the centre or the case, to every line of the work under way; gives tokens to `unbound`."""
    return structlog.contextvars.bind_contextvars(**values)


def _with_trace(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    trace_id = current_trace_id()
    if trace_id:
        event["trace_id"] = trace_id
    return event


def _one_line(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    # Libraries break their sentences, and what a person typed may break ours; a line of the log is one event.
    if isinstance(event.get("event"), str):
        event["event"] = " ".join(event["event"].split())
    return event
