"""Nodes and the packets between them; every fault is a method, and so is the calm after them."""

from collections import Counter
from datetime import timedelta
from uuid import UUID

from fengqiao.domain.edge import RETRY_LONGEST
from fengqiao.domain.topology import Topology
from tests.unit.protocol.node import Node
from tests.unit.protocol.sequence import Packet
from tests.unit.samples import NOON

CALM_ROUNDS = 60
"""So many rounds of sending and delivering have to be enough to empty every edge once nothing fails any more."""

Way = tuple[str, str]


class Network:
    """A federation in memory. Deterministic: ids are counted, and time passes only when it is told to."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.now = NOON
        self._ids = 0
        self.nodes = {code: Node(centre, topology, self.new_id, NOON) for code, centre in topology.centres.items()}
        self.ways: tuple[Way, ...] = tuple(
            way for child, parent in topology.edges() for way in ((child, parent), (parent, child))
        )
        self.under_way: dict[Way, list[Packet]] = {way: [] for way in self.ways}
        self.delivered: dict[Way, list[Packet]] = {way: [] for way in self.ways}
        self.cut: set[Way] = set()
        self.seen: Counter[str] = Counter()

    def new_id(self) -> UUID:
        self._ids += 1
        return UUID(int=self._ids)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    # The relay.

    def relay(self, code: str, rotation: int = 0) -> None:
        """Let one node number and send what it has, and send again what is due."""
        node = self.nodes[code]
        for to in node.outboxes:
            self._put((code, to), node.send(to, rotation, self.now))
            self._put((code, to), node.send_again(to, self.now))

    def send_receipt(self, way: Way) -> None:
        self._put(way, [self.nodes[way[0]].receipt(way[1])])

    def _put(self, way: Way, packets: list[Packet]) -> None:
        if way in self.cut:
            self.seen["fault lost on a cut link"] += len(packets)
        else:
            self.under_way[way].extend(packets)

    # Deliveries and faults.

    def deliver(self, way: Way, index: int = 0) -> None:
        """Deliver one packet: the first, or one out of order."""
        packet = self.under_way[way].pop(index)
        self.delivered[way].append(packet)
        self.nodes[way[1]].take_in(way[0], packet, self.now)
        self.seen["fault reordered"] += index > 0

    def deliver_again(self, way: Way, index: int) -> None:
        """Deliver a packet that was delivered before, however long ago: a carrier may go back to an old place."""
        self.nodes[way[1]].take_in(way[0], self.delivered[way][index], self.now)
        self.seen["fault doubled"] += 1

    def drop(self, way: Way, index: int) -> None:
        del self.under_way[way][index]
        self.seen["fault dropped"] += 1

    def cut_link(self, way: Way) -> None:
        """Cut a link both ways; what is under way on it is lost."""
        self.seen["fault cut"] += 1
        for direction in (way, way[::-1]):
            self.cut.add(direction)
            self.seen["fault lost on a cut link"] += len(self.under_way[direction])
            self.under_way[direction].clear()

    def mend_link(self, way: Way) -> None:
        self.cut -= {way, way[::-1]}

    def restart(self, code: str) -> None:
        """Kill a node and start it again; what was under way to it or from it is lost."""
        for way, packets in self.under_way.items():
            if code in way:
                packets.clear()
        self.nodes[code].restart(self.now)
        self.seen["fault restarted"] += 1

    # The calm.

    def calm_round(self) -> None:
        """Send everything and deliver it in order, on every link that is not cut."""
        for code, node in self.nodes.items():
            node.retry(self.now)
            self.relay(code)
        for way in self.ways:
            while self.under_way[way]:
                self.deliver(way)

    def settle(self) -> int:
        """End all faults and run until every edge is empty; give the number of rounds. Fails when it takes too long."""
        self.cut.clear()
        for node in self.nodes.values():
            node.crashes_to_come = 0
        for rounds in range(CALM_ROUNDS):
            if self.is_quiet():
                return rounds
            # Longer than any back-off, so that whatever is held or unacknowledged is due.
            self.pass_time(RETRY_LONGEST.total_seconds() + 1)
            self.calm_round()
            for way in self.ways:
                self.send_receipt(way)
        raise AssertionError(f"not drained after {CALM_ROUNDS} rounds: {self.unfinished()}")

    def is_quiet(self) -> bool:
        return not self.unfinished()

    def unfinished(self) -> list[str]:
        """Name whatever is still under way, waiting or unacknowledged."""
        found = [f"packets {way}" for way, packets in self.under_way.items() if any(p.message for p in packets)]
        for code, node in self.nodes.items():
            found += [f"outbox {code}->{to}" for to, out in node.outboxes.items() if out.unnumbered]
            found += [f"unacknowledged {code}->{to}" for to, out in node.outboxes.items() if out.unacknowledged]
            found += [f"inbox {sender}->{code}" for sender, box in node.inboxes.items() if box.held or box.waiting]
        return found
