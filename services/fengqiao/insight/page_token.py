"""Where the next page of a list begins, as a text that goes to the reader and comes back."""

import base64
import binascii
import json
from collections.abc import Callable
from uuid import UUID

from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.text import clean


def page_token(order: str, key: str, last: UUID) -> str:
    """Write the token for what comes behind an item: its key in the order of the list, and its id."""
    return base64.urlsafe_b64encode(json.dumps([order, key, str(last)]).encode()).decode()


def read_page_token(token: str, order: str, read_key: Callable[[str], object]) -> tuple[str | None, UUID | None]:
    """Read a token; nothing for the first page.

    Raises INVALID with the field `page_token` when it was made for another order, or by hand. `read_key` raises
    ValueError for a key that cannot be one of this order.
    """
    if not token:
        return None, None
    try:
        made_for, key, identity = json.loads(base64.urlsafe_b64decode(token.encode()))
        _check(fits=made_for == order and isinstance(key, str) and key == clean(key))
        read_key(key)
        return key, UUID(identity)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise invalid(Violation("page_token", "page_token_wrong")) from error


def _check(*, fits: bool) -> None:
    if not fits:
        raise ValueError
