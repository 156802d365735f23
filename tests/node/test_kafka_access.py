"""A carrier and the tools reach brokers that ask for a password over TLS, and those without the right ones do not."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion

from fengqiao.bus.broker import broker_answers
from fengqiao.bus.carrier import CarrierAway
from fengqiao.bus.faust_carrier import FaustCarrier
from fengqiao.bus.faust_settings import CarrierSettings
from fengqiao.bus.kafka_access import KafkaAccess
from fengqiao.entry.local.kafka import SETTINGS, EmbeddedKafka
from fengqiao.entry.local.ports import LOOPBACK, PortBook
from tests.node.carrier_rig import Shelf, create_topics, fresh, numbered, until

pytestmark = pytest.mark.timeout(180)  # a broker is started here, on a machine that may be busy

PEM = Path(__file__).parent / "broker_sample.pem"
"""Key and certificate of the broker, and so what it is trusted by; for 127.0.0.1, and made up for this."""

ANOTHER = Path(__file__).parents[1] / "unit" / "ca_sample.pem"
"""A certificate that has nothing to do with the broker."""

ACCESS = KafkaAccess("fengqiao-371403", "made-up-password", str(PEM))


class Guarded:
    """A broker with a second listener, which asks for a password over TLS."""

    def __init__(self, folder: Path, cache: Path) -> None:
        ports = PortBook(folder).allocate(["guarded", "guarded_controller", "guarded_clients"])
        self.clients = f"{LOOPBACK}:{ports['guarded_clients']}"
        plain = f"BROKER://{LOOPBACK}:{ports['guarded']},CLIENT://{self.clients}"
        jaas = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        self.kafka = EmbeddedKafka(
            folder / "guarded",
            ports["guarded"],
            ports["guarded_controller"],
            cache=cache,
            settings={
                "listeners": f"{plain},CONTROLLER://{LOOPBACK}:{ports['guarded_controller']}",
                "advertised.listeners": plain,
                "listener.security.protocol.map": f"{SETTINGS['listener.security.protocol.map']},CLIENT:SASL_SSL",
                "listener.name.client.sasl.enabled.mechanisms": "SCRAM-SHA-512",
                "listener.name.client.scram-sha-512.sasl.jaas.config": jaas,
                "listener.name.client.ssl.keystore.type": "PEM",
                "listener.name.client.ssl.keystore.location": str(PEM),
            },
        )

    def add_user(self, access: KafkaAccess) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.kafka.bootstrap)
        try:
            user = UserScramCredentialUpsertion(access.username, ScramMechanism.SCRAM_SHA_512, access.password)
            assert admin.alter_user_scram_credentials([user]) == {access.username: None}
        finally:
            admin.close()


@pytest.fixture(scope="module")
def guarded(parts_folder: Path, parts_cache: Path) -> Iterator[Guarded]:
    own = Guarded(parts_folder, parts_cache)
    own.kafka.start()
    own.add_user(ACCESS)
    yield own
    own.kafka.kill()


async def test_a_carrier_carries_with_its_user_over_tls(guarded: Guarded) -> None:
    topic, shelf = fresh("fengqiao.up"), Shelf()
    await create_topics(guarded.kafka.bootstrap, topic)
    carrier = FaustCarrier(CarrierSettings(fresh("c"), (guarded.clients,), access=ACCESS), [topic], shelf)
    try:
        await carrier.start(30)
        assert carrier.health().connected
        await carrier.send(numbered(topic, range(20)))
        await until(lambda: len(shelf.values(topic)) >= 20)
    finally:
        await carrier.stop()


def test_the_tools_ask_with_their_user_over_tls(guarded: Guarded) -> None:
    assert broker_answers(guarded.clients, 10, ACCESS.admin_options())


@pytest.mark.parametrize(
    "wrong",
    [
        replace(ACCESS, password="guessed"),
        replace(ACCESS, username="nobody"),
        KafkaAccess(),
        replace(ACCESS, ca_file=str(ANOTHER)),
    ],
    ids=["password", "user", "plain", "a broker that cannot prove itself"],
)
async def test_who_is_not_known_carries_nothing(guarded: Guarded, wrong: KafkaAccess) -> None:
    topic, shelf = fresh("fengqiao.up"), Shelf()
    await create_topics(guarded.kafka.bootstrap, topic)
    carrier = FaustCarrier(CarrierSettings(fresh("c"), (guarded.clients,), access=wrong), [topic], shelf)
    try:
        await carrier.start(2.5)
        assert not carrier.health().connected
        with pytest.raises(CarrierAway):
            await carrier.send(numbered(topic, [1]))
    finally:
        await carrier.stop()
    assert shelf.records == []
