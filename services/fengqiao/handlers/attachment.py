"""Files of a case: stored by the hash of their content, attached by a command that names the hash."""

import hashlib

from fengqiao.domain.command import AttachFile
from fengqiao.domain.errors import Violation, invalid
from fengqiao.domain.handling import ATTACHMENT_BYTES_LIMIT, MEDIA_TYPES
from fengqiao.handlers.context import Context
from fengqiao.store.attachments import Attachment, store_attachment, stored_attachment


async def store_content(context: Context, content: bytes, media_type: str) -> str:
    """Store a file and give the SHA-256 of its content in hexadecimal; raises INVALID by type and size."""
    faults: list[Violation] = []
    if media_type not in MEDIA_TYPES:
        faults.append(Violation("media_type", "media_type_refused", {"value": media_type}))
    if not 0 < len(content) <= ATTACHMENT_BYTES_LIMIT:
        sizes = {"length": str(len(content)), "limit": str(ATTACHMENT_BYTES_LIMIT)}
        faults.append(Violation("content", "attachment_too_large", sizes))
    if faults:
        raise invalid(*faults)
    sha256 = hashlib.sha256(content).hexdigest()
    await store_attachment(context.database, Attachment(sha256, media_type, content), context.clock())
    return sha256


async def keep_pulled(context: Context, attachment: Attachment) -> None:
    """Keep a file that was pulled from another centre; raises INVALID hash_wrong when it is not what was asked for."""
    if hashlib.sha256(attachment.content).hexdigest() != attachment.sha256:
        raise invalid(Violation("content", "hash_wrong"))
    await store_attachment(context.database, attachment, context.clock())


async def content(context: Context, sha256: str) -> Attachment | None:
    """Give a file when this centre has it."""
    return await stored_attachment(context.database, sha256)


def attach_command(command: AttachFile, sha256: str) -> AttachFile:
    """Give the command for content whose hash was just computed; a hash the caller named must be the same."""
    if command.sha256 and command.sha256 != sha256:
        raise invalid(Violation("sha256", "hash_wrong"))
    return AttachFile(command.case_id, sha256, command.size_bytes, command.media_type, command.name)
