"""Every value of a closed list has its number on the wire, and every number its value."""

from enum import StrEnum
from typing import Any

import pytest
from google.protobuf.descriptor import EnumDescriptor

from fengqiao.domain.directive import DirectiveMessage
from fengqiao.domain.edition import CataloguePublished
from fengqiao.domain.message import CaseMessage
from fengqiao.insight.cases import VIEWS
from fengqiao.insight.directives import SIDES
from fengqiao.proto.v1 import (
    case_pb2,
    case_service_pb2,
    catalogue_pb2,
    catalogue_service_pb2,
    directive_pb2,
    directive_service_pb2,
    envelope_pb2,
    event_pb2,
    federation_service_pb2,
    limit_pb2,
    problem_pb2,
    supervision_service_pb2,
)
from fengqiao.wire import case, directive, edition, event, limit, problem, supervision_command
from fengqiao.wire.envelope import TYPES
from fengqiao.wire.value import NewerValue, Pairing

FILES = (
    case_pb2,
    case_service_pb2,
    catalogue_pb2,
    catalogue_service_pb2,
    directive_pb2,
    directive_service_pb2,
    envelope_pb2,
    event_pb2,
    federation_service_pb2,
    limit_pb2,
    problem_pb2,
    supervision_service_pb2,
)
ENUMS: dict[str, EnumDescriptor] = {
    name: descriptor for file in FILES for name, descriptor in file.DESCRIPTOR.enum_types_by_name.items()
}
PAIRINGS: dict[str, Pairing[Any, Any]] = {
    "CaseKind": case.CASE_KINDS,
    "RequestType": case.REQUEST_TYPES,
    "Channel": case.CHANNELS,
    "CaseState": case.CASE_STATES,
    "ClosingKind": case.CLOSING_KINDS,
    "Direction": case.DIRECTIONS,
    "Role": case.ROLES,
    "CommandName": case.COMMAND_NAMES,
    "Grade": case.GRADES,
    "SuspensionReason": case.SUSPENSION_REASONS,
    "ApplicationKind": case.APPLICATION_KINDS,
    "DirectiveState": directive.DIRECTIVE_STATES,
    "DirectiveCommandName": directive.DIRECTIVE_COMMAND_NAMES,
    "Book": edition.BOOKS,
    "Sheet": edition.SHEETS,
    "EditionState": edition.EDITION_STATES,
    "Counting": limit.COUNTINGS,
    "LimitScope": limit.LIMIT_SCOPES,
    "EventKind": event.EVENT_KINDS,
    "Ground": supervision_command.GROUNDS,
    "Outcome": supervision_command.OUTCOMES,
    "RootCause": supervision_command.ROOT_CAUSES,
    "Standing": supervision_command.STANDINGS,
    "ProblemKind": problem.PROBLEM_KINDS,
}
# Lists of the queries: the names that insight knows.
NAMES: dict[str, frozenset[str]] = {"CaseListView": frozenset(VIEWS), "DirectiveSide": frozenset(SIDES)}


def test_no_closed_list_of_the_schema_is_left_out() -> None:
    assert set(ENUMS) == set(PAIRINGS) | set(NAMES)


@pytest.mark.parametrize("name", sorted(PAIRINGS))
def test_values_and_numbers_pair_off(name: str) -> None:
    pairing, numbers = PAIRINGS[name], {value.number for value in ENUMS[name].values}
    values: type[StrEnum] = pairing.values
    assert {pairing.value(number) for number in numbers - {0}} == set(values)
    assert {int(pairing.number[value]) for value in values} == numbers - {0}
    assert ENUMS[name].values_by_number[0].name.endswith("_UNSPECIFIED")
    with pytest.raises(ValueError, match="missing"):
        pairing.value(0)
    with pytest.raises(NewerValue):
        pairing.value(max(numbers) + 1)


@pytest.mark.parametrize("name", sorted(NAMES))
def test_names_of_queries_pair_off(name: str) -> None:
    names = [value.name for value in ENUMS[name].values if value.number]
    prefix = ENUMS[name].values_by_number[0].name.removesuffix("UNSPECIFIED")
    assert {value.removeprefix(prefix).lower() for value in names} == NAMES[name]


def test_every_message_between_centres_has_its_body_in_the_envelope() -> None:
    bodies = {field.name for field in envelope_pb2.Envelope.DESCRIPTOR.oneofs_by_name["body"].fields}
    assert set(TYPES.values()) == bodies
    assert set(TYPES) == {*CaseMessage.__args__, *DirectiveMessage.__args__, CataloguePublished}
