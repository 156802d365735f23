"""What can go wrong with the embedded parts, as refusals with a sentence about what to do (issue 3, point 7)."""

from pathlib import Path

from fengqiao.domain.errors import Kind, Refusal

EXTRA = "fengqiao[local]"


def port_taken(port: int) -> Refusal:
    """Build the refusal to start a part on a port where something else listens."""
    return Refusal(Kind.STATE, "port_taken", {"port": str(port)})


def folder_not_writable(path: Path) -> Refusal:
    """Build the refusal of a data or cache folder in which nothing can be made."""
    return Refusal(Kind.STATE, "folder_not_writable", {"path": str(path)})


def folder_other_version(path: Path, found: str, wanted: str) -> Refusal:
    """Build the refusal of a data folder that another major version of PostgreSQL made."""
    return Refusal(Kind.STATE, "folder_other_version", {"path": str(path), "found": found, "wanted": wanted})


def disk_nearly_full(free_mib: int, needed_mib: int) -> Refusal:
    """Build the refusal to start where the disk has too little room; both in MiB."""
    return Refusal(Kind.STATE, "disk_nearly_full", {"free_mib": str(free_mib), "needed_mib": str(needed_mib)})


def part_missing(part: str) -> Refusal:
    """Build the refusal for a part that is not installed: the extra `fengqiao[local]` is absent."""
    return Refusal(Kind.UNAVAILABLE, "part_missing", {"part": part})


def part_failed(part: str, detail: str, log: Path) -> Refusal:
    """Build the refusal for a part that ended, or was not ready in time; `log` is where it says why."""
    return Refusal(Kind.UNAVAILABLE, "part_failed", {"part": part, "detail": detail, "log": str(log)})


def jars_unavailable(detail: str) -> Refusal:
    """Build the refusal for Kafka's Java libraries that are neither in the cache nor to be had from a repository."""
    return Refusal(Kind.UNAVAILABLE, "jars_unavailable", {"detail": detail})


def account_unavailable(account: str, detail: str) -> Refusal:
    """Build the refusal to run PostgreSQL as root where no unprivileged account can be made."""
    return Refusal(Kind.UNAVAILABLE, "account_unavailable", {"account": account, "detail": detail})


def stack_locked(path: Path, pid: str) -> Refusal:
    """Build the refusal to use a data folder that another process holds."""
    return Refusal(Kind.STATE, "stack_locked", {"path": str(path), "pid": pid})
