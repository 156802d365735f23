"""CloudEvents 1.0 in binary mode: the attributes of a message as headers of its Kafka record (DESIGN section 4)."""

from datetime import UTC, datetime
from uuid import UUID

CONTENT_TYPE = b"application/protobuf"
TYPE_PREFIX = "fengqiao."
SOURCE_PREFIX = "/fengqiao/centres/"


def cloud_event_headers(
    *,
    id: UUID,  # noqa: A002 - the name of the attribute
    type: str,  # noqa: A002 - as id
    source: str,
    subject: UUID | None,
    time: datetime,
    traceparent: str = "",
) -> dict[str, bytes]:
    """Give the headers of a message: `type` is the name of its body, `source` the code of the centre that sends it."""
    headers = {
        "ce_specversion": b"1.0",
        "ce_id": str(id).encode(),
        "ce_type": f"{TYPE_PREFIX}{type}".encode(),
        "ce_source": f"{SOURCE_PREFIX}{source}".encode(),
        "ce_time": time.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z").encode(),
        "content-type": CONTENT_TYPE,
    }
    if subject is not None:
        headers["ce_subject"] = str(subject).encode()
    if traceparent:
        headers["traceparent"] = traceparent.encode()
    return headers
