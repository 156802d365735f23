"""The admin client of the brokers, with a deadline on every call; the tools of an operator, not the data path.

kafka-python 3 raises errors of its own and of the socket; both become one refusal here.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorLoadInProgressError, CoordinatorNotAvailableError, KafkaError, NotCoordinatorError

from fengqiao.domain.errors import Refusal, unavailable

CALL_SECONDS = 10.0
_NOT_YET = (CoordinatorLoadInProgressError, CoordinatorNotAvailableError, NotCoordinatorError)


@contextmanager
def broker_admin(
    bootstrap: str, call_seconds: float = CALL_SECONDS, security: Mapping[str, Any] | None = None
) -> Iterator[Any]:
    """Open an admin client; connecting and each call may take `call_seconds`.

    `bootstrap` is `host:port[,host:port…]`; `security` are kafka-python's own names (`security_protocol`, `ssl_cafile`,
    `sasl_mechanism` …). Raises UNAVAILABLE broker_away for whatever the broker, or the way to it, refuses.
    """
    milliseconds = int(call_seconds * 1000)
    addresses = [address for address in bootstrap.split(",") if _listens(address, call_seconds)]
    if not addresses:
        raise unavailable("broker_away")
    try:
        admin = _Admin(
            bootstrap_servers=addresses,
            bootstrap_timeout_ms=milliseconds,
            request_timeout_ms=milliseconds,
            reconnect_backoff_max_ms=500,
            client_id="fengqiao-admin",
            **(security or {}),
        )
    except (KafkaError, OSError) as error:
        raise unavailable("broker_away") from error
    try:
        yield admin
    except (KafkaError, OSError) as error:
        raise unavailable("broker_away") from error
    finally:
        admin.close()


def broker_answers(bootstrap: str, seconds: float, security: Mapping[str, Any] | None = None) -> bool:
    """Tell whether a broker answers a real request within the time and knows itself to be in the cluster."""
    try:
        with broker_admin(bootstrap, seconds, security) as admin:
            return bool(admin.describe_cluster()["brokers"])
    except Refusal:
        return False


def groups_answer(bootstrap: str, seconds: float, security: Mapping[str, Any] | None = None) -> bool:
    """Tell whether the brokers keep the positions of groups yet; a new cluster makes the topic for them when asked.

    Raises UNAVAILABLE broker_away.
    """
    with broker_admin(bootstrap, seconds, security) as admin:
        try:
            admin.list_group_offsets("fengqiao-start")
        except _NOT_YET:
            return False
        return True


class _Admin(KafkaAdminClient):  # type: ignore[misc]  # the package carries no types
    """The client of kafka-python 3.0.12, without the thread that it leaves running when it cannot connect."""

    def __init__(self, **settings: Any) -> None:
        self._closed = False
        try:
            super().__init__(**settings)
        except (KafkaError, OSError):
            self.close()
            raise


def _listens(address: str, seconds: float) -> bool:
    # Asked before kafka-python 3.0.12 tries, which forgets to close each socket that could not connect.
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=seconds).close()
    except (OSError, ValueError):
        return False
    return True
