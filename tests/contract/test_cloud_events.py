"""Records carry the attributes of CloudEvents 1.0 in binary mode."""

from datetime import datetime, timedelta, timezone
from uuid import UUID

from fengqiao.wire.cloud_event import cloud_event_headers

ID = UUID("01976f1e-8a4c-7d3e-9b1a-000000000001")
AT = datetime(2026, 11, 23, 12, 0, tzinfo=timezone(timedelta(hours=8)))


def test_the_attributes_of_a_message_are_headers() -> None:
    headers = cloud_event_headers(
        id=ID, type="case_progress", source="371403001", subject=ID, time=AT, traceparent="00-a-b-01"
    )
    assert headers == {
        "ce_specversion": b"1.0",
        "ce_id": str(ID).encode(),
        "ce_type": b"fengqiao.case_progress",
        "ce_source": b"/fengqiao/centres/371403001",
        "ce_subject": str(ID).encode(),
        "ce_time": b"2026-11-23T04:00:00.000000Z",
        "content-type": b"application/protobuf",
        "traceparent": b"00-a-b-01",
    }


def test_what_is_not_known_is_left_out() -> None:
    headers = cloud_event_headers(id=ID, type="receipt", source="371403001", subject=None, time=AT)
    assert {"ce_subject", "traceparent"}.isdisjoint(headers)
