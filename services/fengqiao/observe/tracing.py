"""Trace context: one id follows a case from the click to the last centre (W3C trace context by OpenTelemetry)."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ParentBased
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

_PROPAGATOR = TraceContextTextMapPropagator()
# Spans only make ids and pass them on: without an exporter nobody reads more. A caller's own choice is passed on, too.
_TRACER = TracerProvider(sampler=ParentBased(ALWAYS_OFF)).get_tracer("fengqiao")


def current_traceparent() -> str:
    """Give the `traceparent` of the work under way, empty when there is none."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return carrier.get("traceparent", "")


def current_trace_id() -> str:
    """Give the trace id of the work under way as 32 hexadecimal digits, empty when there is none."""
    context = trace.get_current_span().get_span_context()
    return trace.format_trace_id(context.trace_id) if context.is_valid else ""


@contextmanager
def traced(name: str, traceparent: str = "") -> Iterator[str]:
    """Do something in a span that continues the given context, or starts a trace; gives the trace id."""
    parent = _PROPAGATOR.extract({"traceparent": traceparent}) if traceparent else otel_context.get_current()
    with _TRACER.start_as_current_span(name, context=parent):
        yield current_trace_id()
