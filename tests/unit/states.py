"""The tables of docs/states.md as the domain has them: read from its tables, or found by carrying each act out."""

from collections.abc import Sequence
from dataclasses import replace

from fengqiao.domain.case import Case, CaseFile, CaseState, CommandName, Direction, Offer, Role
from fengqiao.domain.command import AcceptOffer, RegisterCase, WithdrawOffer
from fengqiao.domain.course import Arbitration
from fengqiao.domain.custody import accept, withdraw
from fengqiao.domain.directive import (
    DIRECTIVE_TRANSITIONS,
    DirectiveState,
    allowed_directive_commands,
)
from fengqiao.domain.errors import Refusal
from fengqiao.domain.intake import register
from fengqiao.domain.message import (
    ArbitrationAsked,
    ArbitrationGiven,
    CaseMessage,
    CaseProgress,
    OfferAccepted,
    OfferMade,
    OfferRefused,
    OfferWithdrawn,
    WithdrawalAsked,
)
from fengqiao.domain.reaction import react
from fengqiao.domain.transitions import TRANSITIONS, allowed_commands
from fengqiao.domain.words import Language, word
from tests.unit.samples import (
    CITY,
    EAST,
    EAST_HILL,
    NOON,
    facts,
    in_state,
    issued,
    number,
    offered,
    registered,
    seen_by,
    situations,
)

Row = tuple[str, ...]
COMMANDS = tuple(name for name in CommandName if name is not CommandName.REGISTER)
UNKNOWN = "case unknown here"


def named(group: str, value: str) -> str:
    """Give a value with its Chinese word, as the page writes it."""
    return f"`{value}` {word(f'{group}.{value}', Language.ZH)}"


# Cases.


def case_states() -> list[Row]:
    """What the holder may do in each state, and the state that follows."""
    return [
        (named("command", name), *(f"`{after[name]}`" if name in after else "–" for after in TRANSITIONS.values()))
        for name in TRANSITIONS_OF
    ]


TRANSITIONS_OF = tuple(name for name in COMMANDS if any(name in after for after in TRANSITIONS.values()))


def case_states_heading() -> Row:
    return ("command", *(named("state", state) for state in TRANSITIONS))


def case_arrows() -> set[Row]:
    """The changes of state: by intake, by the holder, and by the next holder's acceptance."""
    arrows: set[Row] = {
        ("[*]", register(RegisterCase(number(1), "题", "文", unit=unit), 1, facts()).file.case.state.value, label)
        for unit, label in (("", "register"), ("roads", "register, naming a unit"))
    }
    for state, after in TRANSITIONS.items():
        arrows |= {(state.value, to.value, name.value) for name, to in after.items() if to is not state}
        if CommandName.OFFER in after:
            waiting = seen_by(offered(in_state(registered(EAST_HILL), state), EAST).case, Role.CANDIDATE)
            taken = accept(waiting, AcceptOffer(number(1)), facts()).file.case.state
            arrows.add((state.value, taken.value, "accept, at the next holder"))
        if state is CaseState.RESOLVED:
            arrows.add((state.value, "[*]", ""))
    return arrows


def who_may() -> list[Row]:
    """Which command a centre may give in each situation."""
    return [
        (f"`{name}`", *("yes" if name in allowed_commands(file) else "–" for file in situations().values()))
        for name in COMMANDS
    ]


def who_may_heading() -> Row:
    return ("command", *situations())


# Offers.


def offer_life() -> list[Row]:
    """What becomes of an offer at the centre that made it."""
    rows: list[Row] = [("none", "command `offer`", "open", "holder, may add facts")]
    for before in ("open", "asked back"):
        file = offered(registered(EAST), CITY, withdrawing=before == "asked back")
        if CommandName.WITHDRAW in allowed_commands(file):
            after = withdraw(file, WithdrawOffer(number(1)), facts()).file
            rows.append((before, "command `withdraw`", _offer_state(after), _standing(after)))
        for message in (
            OfferAccepted(_taken(file), number(50), ()),
            OfferRefused(number(1), number(50), ()),
            OfferWithdrawn(number(1), number(50), ()),
        ):
            after = react(file, message, CITY, frozenset(), facts()).file
            rows.append((before, f"message `{type(message).__name__}`", _offer_state(after), _standing(after)))
    return rows


def _offer_state(file: CaseFile) -> str:
    offer = file.case.offer
    return "none" if offer is None else "asked back" if offer.withdrawing else "open"


def _standing(file: CaseFile) -> str:
    if file.role is not Role.HOLDER:
        return f"{file.role.value} at the next epoch"
    return "holder, may add facts" if file.case.offer else "holder, decides"


# Messages.


def reactions() -> list[Row]:
    """What each message does in each situation."""
    rows = []
    for situation, file in {UNKNOWN: None, **situations()}.items():
        rows.append((situation, *(_reaction(file, message, sender) for message, sender in _messages(file).values())))
    return rows


def reactions_heading() -> Row:
    return ("at a centre that is", *_messages(None))


def _messages(file: CaseFile | None) -> dict[str, tuple[CaseMessage, str]]:
    case = file.case if file else offered(registered(EAST_HILL), EAST).case
    sender = CITY if case.holder in {CITY, EAST} else EAST_HILL
    made = Offer(number(51), EAST, Direction.DOWN, case.epoch + 3, "由你处办理", NOON)
    again = replace(case, holder=sender, epoch=case.epoch + 2, offer=made)
    asked = case.offer.id if case.offer else number(50)
    question = Arbitration(number(61), EAST, "roads", "不属于本单位职责", "李强", NOON)
    disputing = replace(
        case, holder=sender, version=case.version + 2, offer=None, course=replace(case.course, arbitration=question)
    )
    return {
        "`OfferMade`": (OfferMade(again, ()), sender),
        "`OfferAccepted`": (OfferAccepted(_taken(file), number(50), ()), CITY),
        "`OfferRefused`": (OfferRefused(number(1), number(50), ()), CITY),
        "`WithdrawalAsked`": (WithdrawalAsked(number(1), asked, ()), sender),
        "`OfferWithdrawn`": (OfferWithdrawn(number(1), number(50), ()), CITY),
        "`ArbitrationAsked`": (ArbitrationAsked(disputing, ()), sender),
        "`ArbitrationGiven`": (ArbitrationGiven(number(1), number(60), "roads", ()), CITY),
        "`CaseProgress`, newer state": (CaseProgress(replace(case, version=case.version + 1), ()), sender),
        "`CaseProgress`, facts only": (CaseProgress(case, ()), sender),
    }


def _taken(file: CaseFile | None) -> Case:
    case = (file or registered(EAST)).case
    return replace(case, holder=CITY, epoch=case.epoch + 1, version=case.version + 1, offer=None)


def _reaction(file: CaseFile | None, message: CaseMessage, sender: str) -> str:
    try:
        decision = react(file, message, sender, frozenset(), facts())
    except Refusal as refusal:
        return f"*{refusal.code.removeprefix('message_')}*"
    after = decision.file
    notes = [] if file and file.role is after.role else [f"→ {after.role.value}"]
    if file and file.role is after.role is Role.HOLDER and file.case.offer and not after.case.offer:
        notes.append("offer closed")
    elif file and file.role is after.role is Role.HOLDER and file.case.course.arbitration:
        notes.append("→ assigned" if not after.case.course.arbitration else "")
    elif file and file.role is after.role and file.case != after.case:
        notes.append("mirrored")
    replies = [one.message for one in decision.outgoing if isinstance(one.message, OfferWithdrawn)]
    notes += [f"answers `{type(reply).__name__}`" for reply in replies]
    return ", ".join(notes) or "events only"


# Directives.


def directive_states() -> list[Row]:
    """Which command leads from which state to which, and whose turn it is."""
    rows: list[Row] = []
    for state, after in DIRECTIVE_TRANSITIONS.items():
        directive = replace(issued(CITY, EAST), state=state)
        for name, to in after.items():
            side = "issuer" if name in allowed_directive_commands(directive, CITY) else "recipient"
            command, then = named("directive_command", name), named("directive_state", to)
            rows.append((named("directive_state", state), side, command, then))
        if not after:
            rows.append((named("directive_state", state), "–", "–", "–"))
    return rows


def directive_arrows() -> set[Row]:
    arrows: set[Row] = {("[*]", DirectiveState.ISSUED.value, "issue")}
    for state, after in DIRECTIVE_TRANSITIONS.items():
        arrows |= {(state.value, to.value, name.value) for name, to in after.items()}
        if not after:
            arrows.add((state.value, "[*]", ""))
    return arrows


# The page.


def tables() -> dict[str, Sequence[Row]]:
    """Give every table of the page by the heading that it stands under, its own heading first."""
    return {
        "The holder's commands": [case_states_heading(), *case_states()],
        "Who may do what": [who_may_heading(), *who_may()],
        "The life of an offer": [("offer", "what happens", "offer then", "the offerer then"), *offer_life()],
        "Messages and reactions": [reactions_heading(), *reactions()],
        "Directives": [("state", "whose turn", "command", "state then"), *directive_states()],
    }


def diagrams() -> dict[str, set[Row]]:
    """Give the arrows of every diagram by the heading that it stands under."""
    life = {(row[0], row[2], row[1].split("`")[1]) for row in offer_life()}
    return {
        "A case": case_arrows(),
        "The life of an offer": {(_word(a), _word(b), label) for a, b, label in life},
        "Directives": directive_arrows(),
    }


def _word(state: str) -> str:
    # The diagram has no blanks in the names of states.
    return state.replace(" ", "_")
