"""The topic table, and what `topics sync` would do about a difference."""

import dataclasses

import pytest
from google.protobuf.descriptor_pool import Default

import fengqiao.proto.v1.envelope_pb2
import fengqiao.proto.v1.event_pb2  # noqa: F401 - importing it makes its messages known to the pool
from fengqiao.bus.topic_sync import Alteration, Drift, Found, plan_sync
from fengqiao.bus.topics import (
    FOREVER,
    Cleanup,
    Topic,
    dead_topic,
    down_topic,
    feed_topic,
    feeds_read,
    inbound_topics,
    outbound_topic,
    topics_for,
    up_topic,
)
from tests.cities import CITY, made_topology, real_size_topology

SMALL = made_topology(counties=1, townships=1)
COUNTY, TOWNSHIP = "371401", "371401001"


def found_as_wanted() -> dict[str, Found]:
    return {topic.name: Found(topic.partitions, dict(topic.settings())) for topic in topics_for(SMALL)}


def test_names_never_change() -> None:
    assert [topic.name for topic in topics_for(SMALL)] == [
        "fengqiao.up.371401",
        "fengqiao.down.371401",
        "fengqiao.up.371401001",
        "fengqiao.down.371401001",
        "fengqiao.feed.371400",
        "fengqiao.dead.371400",
        "fengqiao.feed.371401",
        "fengqiao.dead.371401",
        "fengqiao.feed.371401001",
        "fengqiao.dead.371401001",
    ]


def test_147_centres_have_586_topics_and_no_name_twice() -> None:
    names = [topic.name for topic in topics_for(real_size_topology())]
    assert len(names) == len(set(names)) == 2 * 146 + 2 * 147


def test_each_centre_writes_and_reads_exactly_its_own() -> None:
    topology = real_size_topology()
    table = topics_for(topology)
    for code in topology.centres:
        parent, children = topology.parent(code), topology.children(code)
        below = [other for other in topology.centres if topology.is_below(other, code)]
        to_parent = {up_topic(code)} if parent else set()
        from_parent = {down_topic(code)} if parent else set()
        own_feed = {feed_topic(code)} if children else set()
        assert {topic.name for topic in table if topic.writer == code} == to_parent | {
            feed_topic(code),
            dead_topic(code),
            *(down_topic(child) for child in children),
        }
        assert {topic.name for topic in table if code in topic.readers} == from_parent | own_feed | {
            dead_topic(code),
            *(up_topic(child) for child in children),
            *(feed_topic(other) for other in below),
        }


def test_a_row_of_the_table_cannot_be_changed() -> None:
    topic = topics_for(SMALL)[0]
    with pytest.raises(dataclasses.FrozenInstanceError):
        topic.retention_ms = 1  # type: ignore[misc]  # that it is refused is what the test proves


def test_an_edge_keeps_its_order_in_one_partition() -> None:
    edges = [topic for topic in topics_for(SMALL) if ".up." in topic.name or ".down." in topic.name]
    assert {topic.partitions for topic in edges} == {1}
    assert {topic.cleanup_policy for topic in edges} == {Cleanup.DELETE}


def test_feeds_keep_the_newest_fact_of_each_case_for_ever() -> None:
    feeds = [topic for topic in topics_for(SMALL) if ".feed." in topic.name]
    assert {(topic.cleanup_policy, topic.retention_ms) for topic in feeds} == {(Cleanup.COMPACT, FOREVER)}


@pytest.mark.parametrize("message", sorted({topic.message for topic in topics_for(SMALL)}))
def test_every_message_of_the_table_exists(message: str) -> None:
    assert Default().FindMessageTypeByName(message).full_name == message


def test_a_centre_listens_to_its_parent_and_to_each_child() -> None:
    assert inbound_topics(SMALL, COUNTY) == (down_topic(COUNTY), up_topic(TOWNSHIP))
    assert inbound_topics(SMALL, CITY) == (up_topic(COUNTY),)


def test_figures_are_made_of_the_feeds_of_a_centre_and_of_all_below() -> None:
    assert feeds_read(SMALL, CITY) == (feed_topic(CITY), feed_topic(COUNTY), feed_topic(TOWNSHIP))
    assert feeds_read(SMALL, COUNTY) == (feed_topic(COUNTY), feed_topic(TOWNSHIP))
    assert feeds_read(SMALL, TOWNSHIP) == ()


def test_a_centre_writes_to_neighbours_only() -> None:
    assert outbound_topic(SMALL, COUNTY, CITY) == up_topic(COUNTY)
    assert outbound_topic(SMALL, COUNTY, TOWNSHIP) == down_topic(TOWNSHIP)
    with pytest.raises(ValueError, match="share no edge"):
        outbound_topic(SMALL, CITY, TOWNSHIP)


def test_nothing_is_planned_when_brokers_and_table_agree() -> None:
    plan = plan_sync(topics_for(SMALL), found_as_wanted())
    assert plan.in_step
    assert plan.unchanged == 10


def test_a_missing_topic_is_planned_to_be_made() -> None:
    found = found_as_wanted()
    del found[dead_topic(CITY)]
    assert plan_sync(topics_for(SMALL), found).created == (dead_topic(CITY),)


def test_a_differing_setting_is_planned_to_be_mended() -> None:
    settings = found_as_wanted()[feed_topic(CITY)].settings
    found = found_as_wanted() | {feed_topic(CITY): Found(1, dict(settings) | {"cleanup.policy": "delete"})}
    plan = plan_sync(topics_for(SMALL), found)
    assert plan.altered == (Alteration(feed_topic(CITY), "cleanup.policy", "delete", "compact"),)
    assert plan.unchanged == 9


def test_more_partitions_and_unknown_topics_are_drift_and_others_are_not_ours() -> None:
    wanted = topics_for(SMALL)
    settings = dict(wanted[0].settings())
    extra = {wanted[0].name: Found(3, settings), "fengqiao.up.999": Found(1, {}), "payroll": Found(1, {})}
    assert plan_sync(wanted, found_as_wanted() | extra).drift == (
        Drift(wanted[0].name, "partitions", "3", "1"),
        Drift("fengqiao.up.999", "unknown", "fengqiao.up.999", "-"),
    )


def test_settings_are_what_kafka_calls_them() -> None:
    topic = Topic("t", "p", "a", ("b",), "k", 1000, Cleanup.DELETE, 1, "m")
    assert dict(topic.settings()) == {
        "cleanup.policy": "delete",
        "max.message.bytes": "16777216",
        "retention.ms": "1000",
    }
