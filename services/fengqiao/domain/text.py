"""What people type: cleaned, and checked for length before anything is decided."""

import re

from fengqiao.domain.errors import Violation, invalid

TITLE_LENGTH = 200
TEXT_LENGTH = 4000
REASON_LENGTH = 1000
NAME_LENGTH = 60
# The control characters of Unicode (Cc) but for tab and line feed, and surrogates, which no file or database can hold.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(text: str) -> str:
    """Normalise line ends and drop control characters other than line feed and tab; trim the ends."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def text_violations(field: str, text: str, limit: int, *, required: bool = True) -> tuple[Violation, ...]:
    """Tell what is wrong with a cleaned text: empty although required, or longer than `limit` characters."""
    if required and not text:
        return (Violation(field, "text_empty"),)
    if len(text) > limit:
        return (Violation(field, "text_too_long", {"length": str(len(text)), "limit": str(limit)}),)
    return ()


def optional(field: str, text: str, limit: int = REASON_LENGTH) -> str:
    """Clean a text that may be left out; raises INVALID with its field when it is too long."""
    return filled(field, text, limit) if clean(text) else ""


def filled(field: str, text: str, limit: int = REASON_LENGTH) -> str:
    """Clean a text that has to be there; raises INVALID with its field."""
    cleaned = clean(text)
    if faults := text_violations(field, cleaned, limit):
        raise invalid(*faults)
    return cleaned
