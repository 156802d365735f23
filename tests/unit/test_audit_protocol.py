"""The rules of the audit hold in every play of the protocol: what `verify` calls wrong never comes about by itself."""

from collections import Counter
from uuid import UUID

from fengqiao.domain.audit import CaseCopy, DirectiveCopy, Finding, case_findings, directive_findings
from fengqiao.domain.audit_edges import EdgeEnd, edge_findings
from tests.unit.protocol.network import Network
from tests.unit.protocol.play import Play
from tests.unit.protocol.sequence import subject
from tests.unit.protocol.walk import steps_from
from tests.unit.samples import THREE_LEVELS, TWO_LEVELS

PLAYS = 30
STEPS = 120


def under_way(network: Network) -> set[UUID]:
    found: set[UUID] = set()
    for node in network.nodes.values():
        for outbox in node.outboxes.values():
            found |= {subject(message) for message in (*outbox.unnumbered, *outbox.unacknowledged.values())}
        for inbox in node.inboxes.values():
            found |= {subject(message) for message in inbox.held.values()}
            found |= {subject(waiting.message) for waiting in inbox.waiting}
    return found


def audited(network: Network) -> list[Finding]:
    nodes, moving = network.nodes, under_way(network)
    hosted = frozenset(nodes)
    found: list[Finding] = []
    for key in {key for node in nodes.values() for key in node.files}:
        cases = [CaseCopy(c, n.files[key], tuple(n.journal(key))) for c, n in nodes.items() if key in n.files]
        found += case_findings(cases, settled=key not in moving, hosted=hosted)
    for key in {key for node in nodes.values() for key in node.directives}:
        sides = [
            DirectiveCopy(c, n.directives[key], tuple(n.journal(key))) for c, n in nodes.items() if key in n.directives
        ]
        found += directive_findings(sides, settled=key not in moving, hosted=hosted)
    for here, there in network.ways:
        found += edge_findings(_end(network, here, there), _end(network, there, here))
    return found


def _end(network: Network, here: str, there: str) -> EdgeEnd:
    outbox, inbox = network.nodes[here].outboxes[there], network.nodes[here].inboxes[there]
    kept = sorted(outbox.unacknowledged) or [0]
    sending = outbox.sending
    numbered = len(outbox.unacknowledged)
    return EdgeEnd(here, there, sending.sent_seq, sending.acked_seq, inbox.received_seq, numbered, kept[0], kept[-1])


def test_the_audit_finds_nothing_at_any_step_of_any_play() -> None:
    settled = 0
    for seed in range(PLAYS):
        play = Play(TWO_LEVELS if seed % 3 == 0 else THREE_LEVELS, Counter())
        for number, step in enumerate(steps_from(seed, STEPS)):
            play.do(step)
            assert audited(play.network) == [], f"seed {seed}, step {number}: {step}"
            settled += not under_way(play.network)
        play.finish()
        assert audited(play.network) == [], f"seed {seed}, drained"
        assert not under_way(play.network)
    assert settled > PLAYS, "the plays settle too seldom to prove anything about settled cases"
