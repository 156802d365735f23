"""The API offers every command, and whoever serves or calls it has left nothing out."""

import typing

from google.protobuf.descriptor import Descriptor

from fengqiao.domain.command import CaseCommand, DirectiveCommand
from fengqiao.domain.edition import EditionCommand
from fengqiao.domain.supervision_command import SupervisionCommand
from fengqiao.proto.v1 import (
    case_service_pb2,
    catalogue_service_pb2,
    directive_service_pb2,
    envelope_pb2,
    federation_service_pb2,
    supervision_service_pb2,
)
from fengqiao.rpc.case_service import CaseService
from fengqiao.rpc.catalogue_service import CatalogueService
from fengqiao.rpc.directive_service import DirectiveService
from fengqiao.rpc.federation_service import FederationService
from fengqiao.rpc.supervision_service import SupervisionService

CASES = case_service_pb2.DESCRIPTOR.services_by_name["CaseService"]
DIRECTIVES = directive_service_pb2.DESCRIPTOR.services_by_name["DirectiveService"]
SUPERVISION = supervision_service_pb2.DESCRIPTOR.services_by_name["SupervisionService"]
CATALOGUE = catalogue_service_pb2.DESCRIPTOR.services_by_name["CatalogueService"]
FEDERATION = federation_service_pb2.DESCRIPTOR.services_by_name["FederationService"]


def test_every_command_has_the_rpc_of_its_name() -> None:
    assert {command.__name__ for command in CaseCommand.__args__} < set(CASES.methods_by_name)
    assert {command.__name__ for command in DirectiveCommand.__args__} < set(DIRECTIVES.methods_by_name)
    supervision = {command.__name__ for command in typing.get_args(SupervisionCommand)}
    assert supervision < set(SUPERVISION.methods_by_name)
    assert {command.__name__ for command in EditionCommand.__args__} < set(CATALOGUE.methods_by_name)
    assert "RegisterCase" in CASES.methods_by_name
    assert "IssueDirective" in DIRECTIVES.methods_by_name


def test_every_rpc_is_served() -> None:
    for service, servicer in (
        (CASES, CaseService),
        (CATALOGUE, CatalogueService),
        (DIRECTIVES, DirectiveService),
        (SUPERVISION, SupervisionService),
        (FEDERATION, FederationService),
    ):
        generated = servicer.__mro__[-2]
        served = {name for name in service.methods_by_name if getattr(servicer, name) is not getattr(generated, name)}
        assert served == set(service.methods_by_name), service.name


def test_every_command_names_its_actor_and_may_name_its_time() -> None:
    queries = ("Get", "List", "Count", "Watch")
    for service in (CASES, CATALOGUE, DIRECTIVES, SUPERVISION):
        for method in service.methods:
            fields = method.input_type.fields_by_name
            assert ("actor" in fields and "at" in fields) != method.name.startswith(queries), method.name


def test_a_contact_never_crosses_an_edge() -> None:
    seen: set[str] = set()
    edge = (envelope_pb2.Envelope, federation_service_pb2.LinkRequest, federation_service_pb2.LinkResponse)
    waiting: list[Descriptor] = [message.DESCRIPTOR for message in edge]
    while waiting:
        message = waiting.pop()
        if message.full_name not in seen:
            seen.add(message.full_name)
            waiting.extend(field.message_type for field in message.fields if field.message_type)
    assert "fengqiao.proto.v1.Case" in seen
    assert "fengqiao.proto.v1.Contact" not in seen
