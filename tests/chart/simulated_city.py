"""A small city as Prometheus sees it: the registries of its nodes, filled by our own `NodeMetrics` as time passes.

In a quiet city everybody works and nothing goes wrong; in a troubled one everything that a board has a panel for goes
wrong somewhere. Figures are drawn from a seed, so that a failure can be played again.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random

from fengqiao.domain.topology import Level
from fengqiao.observe.metric import MetricKind
from fengqiao.observe.metrics import METRICS, STEP_BUCKETS, TEXT_TYPE, NodeMetrics
from tests.prometheus import Target
from tools.dashboards.query import SERIES

CLASSES = ("01", "02", "06", "09", "none")
LIMITS = ("article-assign", "article-solve", "hotline-handle")
STATES = ("registered", "accepted", "assigned", "submitted", "replied", "resolved")
GOOD_STEPS = ("registered", "assigned", "submitted", "signed_off", "replied", "evaluated", "closed", "resolved")
BAD_STEPS = ("returned", "objected", "arbitrated", "sent_back", "reopened", "extended", "offer_refused")
TIMED = frozenset(GOOD_STEPS) - {"registered"}
LOOPS = ("relay", "link", "dead_letters", "sweeper", "upkeep", "overseer")
HANDLERS = ("RegisterCase", "AssignCase", "SubmitResult", "CloseCase")
STATEMENTS = ("work.load", "work.save", "case_list.page", "inbox.known")
METHODS = ("RegisterCase", "GetCase", "ListCases")


class SimulatedNode:
    """One centre: `pass_time` lets it work for a while, `text` is what its `/metrics` shows."""

    def __init__(self, centre: str, level: Level, neighbours: Sequence[str], draw: Random, *, troubled: bool) -> None:
        self.metrics = NodeMetrics(centre)
        self._centre = centre
        self._level = level.value
        self._neighbours = neighbours
        self._draw = draw
        self._troubled = troubled

    def pass_time(self) -> None:
        """Some work: cases, clocks, messages, and what it costs inside."""
        self._cases()
        self._clocks()
        self._results()
        self._edges()
        self._insides()
        if self._troubled:
            self._trouble()
        self._others()

    def _some(self, most: int) -> int:
        return self._draw.randint(1, most)

    def _cases(self) -> None:
        for state in STATES:
            self.metrics.set("fengqiao_cases", self._some(40), "holder", state)
        self.metrics.set("fengqiao_cases", self._some(9), "follower", "assigned")
        self.metrics.set("fengqiao_offers_waiting", self._draw.randint(0, 5))
        self.metrics.set("fengqiao_offers_open", self._draw.randint(0, 5))
        for matter in CLASSES:
            for step in (*GOOD_STEPS, "offer_accepted"):
                self.metrics.count("fengqiao_case_steps_total", step, matter, self._level, by=self._some(3))
        for step in TIMED:
            seconds = self._draw.choice(STEP_BUCKETS) * self._draw.random()
            self.metrics.observe("fengqiao_case_step_seconds", seconds, step, self._level)

    def _clocks(self) -> None:
        late = self._some(4) if self._troubled else 0
        for code in LIMITS:
            for matter in CLASSES:
                labels = (code, matter, self._level)
                self.metrics.set("fengqiao_limits_running", self._some(30), *labels)
                self.metrics.set("fengqiao_limits_overdue", late, *labels)
                self.metrics.set("fengqiao_limit_next_due_seconds", self._draw.random() * 9e4, *labels)
                for outcome in ("met", "breached", "open") if self._troubled else ("met",):
                    self.metrics.set("fengqiao_limits_due_last_week", self._some(20), *labels, outcome)
                self.metrics.count("fengqiao_limits_ended_total", *labels, "met")
            self.metrics.count("fengqiao_limit_firings_total", code, self._level, "yellow")
            self.metrics.count("fengqiao_limits_judged_total", code, self._level, "kept")
            self.metrics.observe("fengqiao_limit_firing_lateness_seconds", self._draw.random() / 10)
        self.metrics.set("fengqiao_calendar_horizon_days", 20 if self._troubled else 400)

    def _results(self) -> None:
        for matter in CLASSES:
            for closing, direct in (("solved", "no"), ("explained", "yes")):
                self.metrics.count("fengqiao_cases_closed_total", closing, direct, matter, self._level)
            self.metrics.count("fengqiao_evaluations_total", "yes", "yes", "yes", matter, self._level)
        for level in range(1, 6):
            self.metrics.set("fengqiao_supervision_orders_open", self._draw.randint(0, 3), str(level))
        self.metrics.set("fengqiao_appeals_waiting", self._some(3) if self._troubled else 0)
        for book in ("catalogue", "routing"):
            behind = self._troubled and self._level == Level.TOWNSHIP.value
            self.metrics.set("fengqiao_edition_number", 1 if behind else 2, book)

    def _edges(self) -> None:
        for neighbour in self._neighbours:
            self._link(neighbour)
            self.metrics.set("fengqiao_outbox_unpublished", 900 if self._troubled else 0, neighbour)
            self.metrics.set("fengqiao_outbox_oldest_age_seconds", 400 if self._troubled else 0, neighbour)
            self.metrics.set("fengqiao_inbox_gaps", 3 if self._troubled else 0, neighbour)
        for state in ("waiting", "parked", "ahead"):
            self.metrics.set("fengqiao_inbox_held", 2 if self._troubled else 0, state)
        self.metrics.set("fengqiao_dead_letters", 2 if self._troubled else 0)
        self.metrics.set("fengqiao_kafka_connected", 0 if self._troubled else 1)
        self.metrics.set("fengqiao_kafka_lag_records", 70 if self._troubled else 0)
        self.metrics.count("fengqiao_messages_total", "CaseProgress", "done", "kafka", by=self._some(9))
        self.metrics.count("fengqiao_messages_sent_total", "kafka", by=self._some(9))

    def _link(self, neighbour: str) -> None:
        # Parents have the smaller codes.
        about = {"neighbour": neighbour, "direction": "up" if neighbour < self._centre else "down"}
        labels = (about[label] for label in SERIES["fengqiao_link_up"].labels)
        self.metrics.set("fengqiao_link_up", 0 if self._troubled else 1, *labels)

    def _others(self) -> None:
        """What no line here is about is told all the same: a new metric has data before it has a panel."""
        told = {family.name for family in self.metrics.registry.collect() if family.samples}
        for metric in METRICS:
            if metric.name.removesuffix("_total") not in told:
                labels = ["any"] * len(metric.labels)
                if metric.kind is MetricKind.GAUGE:
                    self.metrics.set(metric.name, 0 if self._troubled else 1, *labels)
                elif metric.kind is MetricKind.COUNTER and self._troubled:
                    self.metrics.count(metric.name, *labels)

    def _insides(self) -> None:
        for loop in LOOPS:
            self.metrics.count("fengqiao_loop_turns_total", loop, "done", by=self._some(4))
        for handler in HANDLERS:
            seconds = self._draw.random() / 20
            self.metrics.observe("fengqiao_handler_duration_seconds", seconds, handler, "done")
        for method in METHODS:
            self.metrics.observe("fengqiao_rpc_duration_seconds", self._draw.random() / 20, method, "OK")
        for statement in STATEMENTS:
            self.metrics.statement(statement, self._draw.random() / 50)

    def _trouble(self) -> None:
        count = self.metrics.count
        for matter in CLASSES:
            for step in BAD_STEPS:
                count("fengqiao_case_steps_total", step, matter, self._level)
            for code in LIMITS:
                count("fengqiao_limits_ended_total", code, matter, self._level, "breached")
            count("fengqiao_causes_total", "upkeep", matter, self._level)
            count("fengqiao_evaluations_total", "no", "no", "yes", matter, self._level)
        for code in LIMITS:
            count("fengqiao_limits_judged_total", code, self._level, "missed", by=9)
        for rung in ("red", "reminder", "supervision"):
            count("fengqiao_limit_firings_total", "article-solve", self._level, rung)
        count("fengqiao_limit_firings_late_total")
        count("fengqiao_reminders_total", self._level)
        count("fengqiao_points_entries_total", "red", "deduction")
        count("fengqiao_route_suggestions_total", "assign", "other")
        for verdict in ("never", "crash", "duplicate", "ahead"):
            count("fengqiao_messages_total", "CaseProgress", verdict, "link")
        count("fengqiao_messages_refused_total", "kafka")
        for neighbour in self._neighbours:
            count("fengqiao_resends_total", neighbour)
        for loop in LOOPS:
            count("fengqiao_loop_turns_total", loop, "failed")
        self.metrics.observe("fengqiao_handler_duration_seconds", 0.3, "AssignCase", "failed")
        self.metrics.observe("fengqiao_rpc_duration_seconds", 0.3, "GetCase", "INTERNAL")


class SimulatedCity:
    """One city, two counties, two townships in each; time passes at a node whenever it is scraped."""

    def __init__(self, *, troubled: bool, seed: int = 5) -> None:
        draw = Random(seed)
        self.silent: set[str] = set()
        """Centres that do not answer."""
        self.tree: Mapping[str, tuple[str, ...]] = {
            "990000": ("990001", "990002"),
            "990001": ("990001001", "990001002"),
            "990002": ("990002001", "990002002"),
        }
        self.nodes = {
            code: SimulatedNode(code, level_of(code), self._neighbours(code), draw, troubled=troubled)
            for code in ("990000", *(child for children in self.tree.values() for child in children))
        }

    def county(self, code: str) -> str:
        """The county that a centre belongs to or is; the city stands for itself."""
        return code[:6]

    def _neighbours(self, code: str) -> tuple[str, ...]:
        above = tuple(parent for parent, children in self.tree.items() if code in children)
        return (*above, *self.tree.get(code, ()))


def level_of(code: str) -> Level:
    """The level of a centre of the simulated city."""
    return Level.CITY if code == "990000" else Level.COUNTY if len(code) == len("990000") else Level.TOWNSHIP


@contextmanager
def scraped_city(city: SimulatedCity) -> Iterator[list[Target]]:
    """The city's nodes behind HTTP, as targets with the labels that the scrape configuration adds."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            code = self.path.split("/")[1]
            if code in city.silent:
                self.send_error(503)
                return
            node = city.nodes[code]
            node.pass_time()
            body = node.metrics.text()
            self.send_response(200)
            self.send_header("Content-Type", TEXT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing: a test's output is for what is wrong."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield [
            Target(
                f"127.0.0.1:{server.server_port}",
                f"/{code}/metrics",
                {
                    "county": city.county(code),
                    "level": level_of(code).value,
                    "centre_name": f"中心{code}",
                    "county_name": f"县{city.county(code)}",
                },
            )
            for code in city.nodes
        ]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
