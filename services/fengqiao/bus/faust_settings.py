"""The settings under which Faust loses nothing, as DESIGN section 4 found them; one table, one test for each."""

from dataclasses import dataclass
from typing import Final

from fengqiao.bus.kafka_access import PLAIN, KafkaAccess
from fengqiao.bus.topics import MESSAGE_BYTES

GROUP_PREFIX: Final = "fengqiao."


@dataclass(frozen=True, slots=True)
class CarrierSettings:
    """What differs from node to node, and the few times an operator may want to change.

    `bootstrap_servers` are `host:port`. `replica` names this process among the replicas of the centre and has to be
    the same after a restart (a pod's ordinal): it makes the group membership static.
    """

    centre: str
    bootstrap_servers: tuple[str, ...]
    replica: str = "0"
    batch_records: int = 500
    send_deadline_seconds: float = 10.0
    stop_deadline_seconds: float = 3.0
    probe_seconds: float = 5.0
    stall_seconds: float = 30.0
    reading: int = 0
    """Not 0 for a reader of feeds, whose readings are groups of their own (`fengqiao.<centre>.feed.<reading>`)."""
    access: KafkaAccess = PLAIN

    @property
    def group(self) -> str:
        """The consumer group; ACLs name its beginning (`fengqiao.<centre>`)."""
        return f"{GROUP_PREFIX}{self.centre}" + (f".feed.{self.reading}" if self.reading else "")

    @property
    def instance(self) -> str:
        """The static member of the group (`group.instance.id`)."""
        return f"{self.group}.{self.replica}"


FETCH_WAIT_MS: Final = 2_500
"""How long the broker may hold an empty fetch; data end it at once, so this costs no latency, only idle wake-ups."""

FETCH_TIMER_MS: Final = 5_000
"""aiokafka looks after its fetches this often without cause; 200 ms by default, which 147 nodes feel (measured)."""

TAKING_SECONDS: Final = 86_400.0
"""How long aiokafka waits for what it has fetched to be taken before it fetches anything else from that broker."""

BUNDLES_AHEAD: Final = 4
"""Bundles (see faust_app) that wait in memory while the receiver works; each has at most `batch_records` records."""

IDLE_POLL_SECONDS: Final = 5.0
"""How often an idle consumer turns round to see whether it should stop; a stop cancels it anyway."""


def faust_options(settings: CarrierSettings) -> dict[str, object]:
    """The options of one `faust.App`, seconds and bytes as Faust wants them."""
    return {
        "broker": [f"kafka://{server}" for server in settings.bootstrap_servers],
        "broker_client_id": settings.instance,
        "broker_credentials": settings.access.credentials(),
        # Nobody scans modules, serves pages, elects leaders or creates topics: `topics sync` does that, with ACLs.
        "autodiscover": False,
        "web_enabled": False,
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "reply_create_topic": False,
        # Exactly-once mode is broken (faust 136, 177, 440); the inbox recognises what comes twice.
        "processing_guarantee": "at_least_once",
        # Bytes in, bytes out: nothing is unpickled or parsed before the inbox looks at it.
        "key_serializer": "raw",
        "value_serializer": "raw",
        # A killed node is known again at once by its static name; otherwise it waits out the session (59.5 s measured).
        "consumer_group_instance_id": settings.instance,
        "broker_session_timeout": 10.0,
        "broker_heartbeat_interval": 3.0,
        "broker_request_timeout": 15.0,
        "broker_rebalance_timeout": 15.0,
        # A receiver may wait for its database for hours; its records must not be taken from it meanwhile.
        "broker_max_poll_interval": 86_400.0,
        "broker_max_poll_records": settings.batch_records,
        "broker_commit_interval": 1.0,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 1_048_576 * 2,
        "stream_buffer_maxsize": BUNDLES_AHEAD,
        # The batch in hand is finished by the carrier, not by Faust, which would wait without an end.
        "stream_wait_empty": False,
        "producer_acks": -1,
        "producer_linger": 0,
        "producer_max_batch_size": 1_048_576,
        # Below what the topics take, so that a record that is too large is refused here, by itself.
        "producer_max_request_size": MESSAGE_BYTES - 65_536,
        "producer_request_timeout": settings.send_deadline_seconds,
    }
