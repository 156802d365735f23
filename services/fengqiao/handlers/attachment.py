"""Files of a case: stored by the hash of their content, with the command that attaches them and names the hash."""

import hashlib
from dataclasses import dataclass, replace

from fengqiao.domain.case import CaseFile
from fengqiao.domain.command import AttachFile
from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.handling import ATTACHMENT_BYTES_LIMIT, MEDIA_TYPES
from fengqiao.domain.text import clean
from fengqiao.handlers.case import carry_out
from fengqiao.handlers.context import Actor, Context
from fengqiao.store.attachments import Attachment, store_attachment, stored_attachment


@dataclass(frozen=True, slots=True)
class Attached:
    """The case afterwards, and the SHA-256 of the content in hexadecimal."""

    file: CaseFile
    sha256: str


async def attach(context: Context, command: AttachFile, content: bytes, actor: Actor) -> Attached:
    """Attach a file to a case; content and command are kept together, and what is refused leaves nothing.

    A hash that the command names must be that of the content. Raises INVALID by type, size and hash, NOT_FOUND
    case_unknown, and whatever the rules refuse.
    """
    attachment = _checked(content, command.media_type)
    if command.sha256 and command.sha256 != attachment.sha256:
        raise invalid(Violation("sha256", "hash_wrong"))
    wanted = replace(command, sha256=attachment.sha256, size_bytes=len(content))
    return Attached(await carry_out(context, wanted, actor, attachment), attachment.sha256)


def _checked(content: bytes, media_type: str) -> Attachment:
    faults: list[Violation] = []
    if media_type not in MEDIA_TYPES:
        faults.append(Violation("media_type", "media_type_refused", {"value": media_type}))
    if not 0 < len(content) <= ATTACHMENT_BYTES_LIMIT:
        sizes = {"length": str(len(content)), "limit": str(ATTACHMENT_BYTES_LIMIT)}
        faults.append(Violation("content", "attachment_too_large", sizes))
    if faults:
        raise invalid(*faults)
    return Attachment(hashlib.sha256(content).hexdigest(), media_type, content)


async def keep_pulled(context: Context, attachment: Attachment) -> None:
    """Keep a file that was pulled from another centre; raises INVALID hash_wrong when it is not what was asked for."""
    if hashlib.sha256(attachment.content).hexdigest() != attachment.sha256:
        raise invalid(Violation("content", "hash_wrong"))
    await store_attachment(context.database, attachment, context.clock())


async def content(context: Context, sha256: str) -> Attachment | None:
    """Give a file when this centre has it."""
    return await stored_attachment(context.database, clean(sha256))
