"""Facts of supervision as rows: what an event of a journal comes to in the tables of orders, points and grants."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from fengqiao.domain.access import grant_after
from fengqiao.domain.event import Event, EventKind
from fengqiao.domain.points import POINTS_KINDS
from fengqiao.domain.supervision import ORDER_KINDS, order_after

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class SupervisionRows:
    """The rows that one transaction adds; of an order only its latest turn."""

    orders: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    entries: Rows = field(default_factory=list)
    appeals: Rows = field(default_factory=list)
    decisions: Rows = field(default_factory=list)
    grants: Rows = field(default_factory=list)

    def put(self, event: Event, centre: str) -> None:
        """Put what an event comes to; the ledger and the grants of other centres are theirs."""
        if event.kind in ORDER_KINDS:
            order = order_row(event)
            if order["turn"] > self.orders.get(order["order_id"], {"turn": 0})["turn"]:
                self.orders[order["order_id"]] = order
        elif event.kind in POINTS_KINDS and event.centre == centre:
            self._put_points(event)
        elif event.kind is EventKind.ACCESS_GRANTED and event.centre == centre:
            self.grants.append(grant_row(event))

    def rows(self) -> Mapping[str, Rows]:
        """Give the rows by the parameter that the statement `save` reads them from; nothing when there is none."""
        found = {
            "orders": list(self.orders.values()),
            "entries": self.entries,
            "appeals": self.appeals,
            "decisions": self.decisions,
            "grants": self.grants,
        }
        return found if any(found.values()) else {}

    def _put_points(self, event: Event) -> None:
        if event.kind is EventKind.POINTS_DEDUCTED:
            self.entries.append(entry_row(event, event.details["entry"], "deduction"))
            return
        decided = {"entry_id": event.details["entry"], "by": event.actor, "at": event.at}
        reason = event.details["reason"]
        if event.kind is EventKind.POINTS_APPEALED:
            self.appeals.append({**decided, "reason": reason})
            return
        if event.kind is EventKind.POINTS_REVERSED:
            self.entries.append(entry_row(event, str(uuid5(event.id, "reversal")), "reversal"))
        if event.details["appealed_by"] and reason:
            self.decisions.append(
                {
                    **decided,
                    "reason": reason,
                    "upheld": event.kind is EventKind.POINTS_REVERSED,
                    "entered_by": event.details["entered_by"],
                    "appealed_by": event.details["appealed_by"],
                }
            )


def order_row(event: Event) -> dict[str, Any]:
    """Give the row of an order as it stands after an event."""
    order = order_after(event)
    return {
        "order_id": order.id,
        "case_id": order.case_id,
        "centre": order.centre,
        "level": order.level,
        "turn": order.turn,
        "ground": order.ground,
        "since": order.since,
        "due_at": order.due_at,
        "outcome": order.outcome,
        "changed_at": order.changed_at,
    }


def entry_row(event: Event, identity: str, kind: str) -> dict[str, Any]:
    """Give the row of an entry of the ledger, a deduction or a reversal."""
    details, deducted = event.details, kind == "deduction"
    return {
        "entry_id": identity,
        "kind": kind,
        "case_id": event.subject,
        "unit": details["unit"],
        "rule": details["rule"],
        "points": int(details["points"]),
        "limit_id": details.get("limit_id") if deducted else None,
        "limit_code": details.get("limit", "") if deducted else "",
        "rung": details.get("rung", "") if deducted else "",
        "reverses": None if deducted else details["entry"],
        "by": event.actor,
        "at": event.at,
        "epoch": event.epoch,
        "reason": details.get("reason", ""),
    }


def grant_row(event: Event) -> dict[str, Any]:
    """Give the row of a grant."""
    grant = grant_after(event)
    return {
        "grant_id": grant.id,
        "order_id": grant.order_id,
        "case_id": grant.case_id,
        "level": grant.level,
        "body": grant.body,
        "purpose": grant.purpose,
        "by": grant.by,
        "at": grant.at,
        "until": grant.until,
    }
