"""Access of bodies outside the chain (F20, levels 3 to 5): one case, one purpose, until a time, no reporter."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from fengqiao.domain.case import Contact
from fengqiao.domain.errors import forbidden, not_found
from fengqiao.domain.event import Event

HIDDEN = "＊＊"
# Telephone, identity card and bank card numbers: at least seven digits, however they are set apart; a date is none.
_NUMBERS = re.compile(r"\d(?:[ \-–]?\d){6,}[Xx]?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d{1,2})?")
# Somebody who says who they are: the surname stays.
_OWN_NAME = re.compile(
    r"(我叫|我是|本人|姓名[：: ]?|联系人[：: ]?)([\u4e00-\u9fff])[\u4e00-\u9fff]{1,2}(?=[，,。；;、\s]|$)"
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What was granted: to which body, about which case, what for, by whom, from when until when."""

    id: UUID
    order_id: UUID
    case_id: UUID
    level: int
    body: str
    purpose: str
    by: str
    at: datetime
    until: datetime

    def expired(self, now: datetime) -> bool:
        """Tell whether it is over."""
        return now >= self.until


def grant_after(event: Event) -> Grant:
    """Read a grant from its event."""
    details = event.details
    return Grant(
        id=UUID(details["grant"]),
        order_id=UUID(details["order"]),
        case_id=event.subject,
        level=int(details["level"]),
        body=details["body"],
        purpose=details["reason"],
        by=event.actor,
        at=event.at,
        until=datetime.fromisoformat(details["until"]),
    )


def check_grant(grant: Grant | None, body: str, now: datetime) -> Grant:
    """Give a grant that lets a body read now.

    Raises NOT_FOUND access_unknown for another body's, as for none; FORBIDDEN access_expired when it is over.
    """
    if grant is None or grant.body != body:
        raise not_found("access_unknown")
    if grant.expired(now):
        raise forbidden("access_expired", until=grant.until.astimezone(UTC).isoformat())
    return grant


def masked(text: str, contact: Contact | None) -> str:
    """Hide from a text who the reporter is: the known name and number, any long number, and names that it gives."""
    if contact is not None:
        for known in (contact.name, contact.phone):
            if known:
                text = text.replace(known, HIDDEN)
    text = _NUMBERS.sub(lambda found: found[0] if _DATE.fullmatch(found[0]) else HIDDEN, text)
    return _OWN_NAME.sub(lambda found: f"{found[1]}{found[2]}{HIDDEN}", text)
