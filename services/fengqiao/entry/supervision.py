"""The rules of supervision that a city brings: the five levels, what costs points, the terms of the ledger."""

import tomllib
from importlib.resources import files
from pathlib import Path

from fengqiao.domain.errors import Kind, Refusal
from fengqiao.domain.limit_policy import LimitPolicies, LimitRules
from fengqiao.domain.supervision_rules import SupervisionRules
from fengqiao.domain.supervision_table import supervision_from_table
from fengqiao.domain.topology import Topology
from fengqiao.domain.unit import UnitDirectory
from fengqiao.entry.limits import load_limits

SUPERVISION = "supervision.toml"


def load_supervision(path: str, limits: LimitRules, topology: Topology, units: UnitDirectory) -> SupervisionRules:
    """Read the table of supervision; an empty path names that of the package.

    The limits that it names have to exist; that of the package may also name limits of the package which the city has
    replaced by its own. Raises INVALID supervision_broken or file_unreadable.
    """
    source = Path(path) if path else files("fengqiao.entry") / "data" / SUPERVISION
    try:
        table = tomllib.loads(source.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Refusal(Kind.INVALID, "file_unreadable", {"path": path or SUPERVISION, "detail": str(error)}) from error
    packaged = {} if path else _rungs(load_limits("", topology, units))
    return supervision_from_table(table, packaged | _rungs(limits.policies), limits.calendar)


def _rungs(policies: LimitPolicies) -> dict[str, frozenset[str]]:
    return {code: frozenset(rung.code for rung in policy.rungs) for code, policy in policies.by_code.items()}
