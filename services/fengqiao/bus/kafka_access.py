"""How a node and its tools show brokers who they are, and make sure that it is the brokers they talk to.

Without a name and without a CA they talk as they do on a laptop: in plain text, and to whoever answers.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

MECHANISM: Final = "SCRAM-SHA-512"
"""The one way to show a password: it never crosses the line, and every Kafka and every operator has it."""


@dataclass(frozen=True, slots=True)
class KafkaAccess:
    """A user of the brokers (`username`, empty: none), and the certificates they are trusted by (`ca_file`, PEM)."""

    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""

    def credentials(self) -> Any:
        """Give the credentials as Faust wants them, None for plain text; raises OSError for an unreadable CA."""
        # Settings hold one of these, and a command that only reads them needs no Faust.
        import faust

        context = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        if self.username:
            return faust.SASLCredentials(
                username=self.username, password=self.password, ssl_context=context, mechanism=MECHANISM
            )
        return faust.SSLCredentials(context) if context else None

    def admin_options(self) -> Mapping[str, Any]:
        """Give the same in kafka-python's own names."""
        if not self.username and not self.ca_file:
            return {}
        options: dict[str, Any] = {"ssl_cafile": self.ca_file} if self.ca_file else {}
        protocol = "SSL" if self.ca_file else "PLAINTEXT"
        if not self.username:
            return options | {"security_protocol": protocol}
        return options | {
            "security_protocol": f"SASL_{protocol}",
            "sasl_mechanism": MECHANISM,
            "sasl_plain_username": self.username,
            "sasl_plain_password": self.password,
        }


PLAIN: Final = KafkaAccess()
"""No name, no encryption: a laptop, or a network that is trusted."""
