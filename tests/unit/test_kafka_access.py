"""Who we are to the brokers is said to Faust and to the admin client alike, and nobody reads the password off a log."""

import ssl
from pathlib import Path

import faust
import pytest
from aiokafka import AIOKafkaConsumer
from faust.transport.drivers.aiokafka import credentials_to_aiokafka_auth

from fengqiao.bus.faust_settings import CarrierSettings, faust_options
from fengqiao.bus.kafka_access import KafkaAccess
from fengqiao.domain.errors import Refusal
from fengqiao.entry.settings import load_settings

CERTIFICATE = Path(__file__).parent / "ca_sample.pem"
NAMES = {"security_protocol", "sasl_mechanism", "sasl_plain_username", "sasl_plain_password"}


def test_nothing_is_said_on_a_laptop() -> None:
    assert KafkaAccess().credentials() is None
    assert KafkaAccess().admin_options() == {}
    assert faust_options(CarrierSettings("371403", ("a:1",)))["broker_credentials"] is None


def test_a_user_shows_a_password_without_sending_it() -> None:
    access = KafkaAccess("fengqiao-371403", "secret")
    said = credentials_to_aiokafka_auth(access.credentials())
    assert said == {
        "security_protocol": "SASL_PLAINTEXT",
        "sasl_mechanism": "SCRAM-SHA-512",
        "sasl_plain_username": "fengqiao-371403",
        "sasl_plain_password": "secret",
        "ssl_context": None,
    }
    assert {name: said[name] for name in NAMES} == access.admin_options()


@pytest.mark.parametrize(("username", "protocol"), [("", "SSL"), ("fengqiao-371403", "SASL_SSL")])
def test_with_a_ca_the_line_is_encrypted_and_the_broker_has_to_prove_itself(username: str, protocol: str) -> None:
    access = KafkaAccess(username, "secret", str(CERTIFICATE))
    said = credentials_to_aiokafka_auth(access.credentials())
    assert said["security_protocol"] == access.admin_options()["security_protocol"] == protocol
    assert access.admin_options()["ssl_cafile"] == str(CERTIFICATE)
    context = said["ssl_context"]
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert len(context.get_ca_certs()) == 1


async def test_aiokafka_takes_what_is_said() -> None:
    said = credentials_to_aiokafka_auth(KafkaAccess("a", "b", str(CERTIFICATE)).credentials())
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1", **said)
    assert consumer._client._sasl_mechanism == "SCRAM-SHA-512"
    await consumer.stop()


def test_a_node_is_told_by_its_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_KAFKA_USERNAME", "fengqiao-371403")
    monkeypatch.setenv("FENGQIAO_KAFKA_PASSWORD", "secret")
    monkeypatch.setenv("FENGQIAO_KAFKA_CA_FILE", str(CERTIFICATE))
    access = load_settings().kafka_access()
    assert access == KafkaAccess("fengqiao-371403", "secret", str(CERTIFICATE))
    assert isinstance(access.credentials(), faust.SASLCredentials)


def test_a_ca_that_is_not_there_is_refused_before_anything_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FENGQIAO_KAFKA_CA_FILE", "nowhere.pem")
    with pytest.raises(Refusal) as caught:
        load_settings()
    assert [fault.field for fault in caught.value.violations] == ["kafka_ca_file"]


def test_nobody_reads_the_password_off_a_log() -> None:
    settings = CarrierSettings("371403", ("a:1",), access=KafkaAccess("a", "secret"))
    assert "secret" not in repr(settings)
    assert "secret" not in repr(settings.access.credentials())
