"""Brings the brokers' topics in step with the table: `fengqiao topics sync` (issue 3, point 4).

Missing topics are made and differing settings mended. Nothing is ever deleted, and a partition count is never changed:
that would break the order of an edge, so both are reported as drift for a person to look at.
"""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from kafka.admin import ConfigResource
from kafka.errors import NoError, TopicAlreadyExistsError, for_code

from fengqiao.bus.broker import CALL_SECONDS, broker_admin
from fengqiao.bus.topics import PREFIX, Topic
from fengqiao.domain.errors import Kind, Refusal

BATCH = 100
BROKER_DEFAULT = -1
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Found:
    """One topic as the brokers have it; `settings` holds what the table sets, as far as the broker told."""

    partitions: int
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Alteration:
    """One setting of one topic that differs from the table."""

    topic: str
    setting: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class Drift:
    """Something that only a person may mend: `unknown` topics of ours, or another number of `partitions`."""

    topic: str
    reason: str
    found: str
    wanted: str


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `topics sync` did, or would do (`dry_run`). `unchanged` counts topics that were right already."""

    dry_run: bool
    created: tuple[str, ...]
    altered: tuple[Alteration, ...]
    drift: tuple[Drift, ...]
    unchanged: int

    @property
    def in_step(self) -> bool:
        """Whether brokers and table agreed already."""
        return not (self.created or self.altered or self.drift)


def plan_sync(wanted: Sequence[Topic], found: Mapping[str, Found]) -> SyncReport:
    """Compare the table with what the brokers have; pure. The report is that of a dry run."""
    created = tuple(topic.name for topic in wanted if topic.name not in found)
    there = [(topic, found[topic.name]) for topic in wanted if topic.name in found]
    altered = tuple(alteration for topic, actual in there for alteration in _alterations(topic, actual))
    drift = [
        Drift(topic.name, "partitions", str(actual.partitions), str(topic.partitions))
        for topic, actual in there
        if actual.partitions != topic.partitions
    ]
    names = {topic.name for topic in wanted}
    drift += [Drift(name, "unknown", name, "-") for name in sorted(found) if _is_ours(name) and name not in names]
    touched = {alteration.topic for alteration in altered} | {finding.topic for finding in drift}
    unchanged = sum(1 for topic, _ in there if topic.name not in touched)
    return SyncReport(True, created, altered, tuple(drift), unchanged)


def sync_topics(
    bootstrap: str,
    wanted: Sequence[Topic],
    *,
    dry_run: bool = False,
    replication_factor: int = BROKER_DEFAULT,
    call_seconds: float = CALL_SECONDS,
    deadline_seconds: float = 120.0,
    security: Mapping[str, Any] | None = None,
) -> SyncReport:
    """Bring the brokers in step with the table, or tell what would be done (`dry_run`); blocking.

    Works in batches of 100 topics. Run twice, the second run changes nothing; two at once do no harm. Raises
    UNAVAILABLE broker_away, DEADLINE deadline_passed (what was done until then stays), FORBIDDEN broker_refused.
    """
    until = time.monotonic() + deadline_seconds
    with broker_admin(bootstrap, call_seconds, security) as admin:
        plan = plan_sync(wanted, _read(admin, wanted, until))
        if dry_run:
            return plan
        by_name = {topic.name: topic for topic in wanted}
        _create(admin, [by_name[name] for name in plan.created], replication_factor, call_seconds, until)
        _alter(admin, plan.altered, until)
    return SyncReport(False, plan.created, plan.altered, plan.drift, plan.unchanged)


def missing_topics(bootstrap: str, names: Iterable[str], security: Mapping[str, Any] | None = None) -> tuple[str, ...]:
    """Name the topics that the brokers do not have, or do not let us see; needs no right but that to describe them.

    Raises UNAVAILABLE broker_away.
    """
    with broker_admin(bootstrap, security=security) as admin:
        there = {topic["name"] for topic in admin.describe_topics() if topic["error_code"] == 0}
    return tuple(name for name in names if name not in there)


def _alterations(topic: Topic, actual: Found) -> Iterator[Alteration]:
    for setting, value in topic.settings().items():
        found = actual.settings.get(setting, "-")
        if found != value:
            yield Alteration(topic.name, setting, found, value)


def _is_ours(name: str) -> bool:
    return name.startswith(PREFIX)


def _read(admin: Any, wanted: Sequence[Topic], until: float) -> dict[str, Found]:
    partitions = {
        topic["name"]: len(topic["partitions"])
        for topic in admin.describe_topics()
        if _is_ours(topic["name"]) and topic["error_code"] == 0
    }
    settings: dict[str, dict[str, str]] = {}
    for batch in _batches([topic for topic in wanted if topic.name in partitions], until):
        asked = [ConfigResource("TOPIC", topic.name, list(topic.settings())) for topic in batch]
        answer = admin.describe_configs(asked, config_filter="all").get("topic", {})
        for topic in batch:
            # The client leaves out why it got nothing; a topic always has these settings, so it is a matter of rights.
            if topic.settings().keys() - answer.get(topic.name, {}).keys():
                raise _refused(topic.name, "describe")
            settings[topic.name] = {name: entry["value"] for name, entry in answer[topic.name].items()}
    return {name: Found(count, settings.get(name, {})) for name, count in partitions.items()}


def _create(admin: Any, topics: Sequence[Topic], replication: int, call_seconds: float, until: float) -> None:
    for batch in _batches(topics, until):
        asked = {
            topic.name: {
                "num_partitions": topic.partitions,
                "replication_factor": replication,
                "configs": dict(topic.settings()),
            }
            for topic in batch
        }
        answer = admin.create_topics(asked, timeout_ms=int(call_seconds * 1000), raise_errors=False)
        for topic in answer["topics"]:
            # Somebody else made it in the same moment: that is what we wanted.
            kind = for_code(topic["error_code"])
            if kind not in {NoError, TopicAlreadyExistsError}:
                raise _refused(topic["name"], f"{kind.__name__}: {topic.get('error_message') or '-'}")
        # A topic that was made is not known to the brokers at once; whoever comes after us has to find it.
        admin.wait_for_topics([topic.name for topic in batch], timeout_ms=int(call_seconds * 1000))


def _alter(admin: Any, alterations: Sequence[Alteration], until: float) -> None:
    by_topic: dict[str, dict[str, str]] = {}
    for alteration in alterations:
        by_topic.setdefault(alteration.topic, {})[alteration.setting] = alteration.wanted
    for batch in _batches(list(by_topic.items()), until):
        answer = admin.alter_configs([ConfigResource("TOPIC", name, values) for name, values in batch])
        for name, _ in batch:
            verdict = answer.get("topic", {}).get(name, "-")
            if verdict != "OK":
                raise _refused(name, verdict)


def _refused(topic: str, detail: str) -> Refusal:
    return Refusal(Kind.FORBIDDEN, "broker_refused", {"topic": topic, "detail": detail})


def _batches(items: Iterable[Item], until: float) -> Iterator[list[Item]]:
    rest = iter(items)
    while batch := list(islice(rest, BATCH)):
        if time.monotonic() >= until:
            raise Refusal(Kind.DEADLINE, "deadline_passed")
        yield batch
