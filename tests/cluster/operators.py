"""The operators' kinds, of the small schemas that the chart tier checks against; no operator stands behind them."""

import json
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from tests.chart.rendering import OPERATORS
from tests.cluster.api import Api, Refused
from tests.watchers import awaited

Schema = dict[str, Any]
KEPT = ("pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "enum", "required")
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


def structural(schema: Mapping[str, Any]) -> Schema:
    """A schema as Kubernetes wants it: every part has one type, and unknown parts are refused without being named."""
    if isinstance(schema.get("type"), list):
        return {"x-kubernetes-preserve-unknown-fields": True}
    told: Schema = {key: schema[key] for key in KEPT if schema.get(key)}
    if "const" in schema:
        told["enum"] = [schema["const"]]
    told["type"] = schema.get("type") or _type_of(told["enum"][0])
    if "properties" in schema:
        told["properties"] = {name: structural(part) for name, part in schema["properties"].items()}
    elif isinstance(schema.get("additionalProperties"), dict):
        told["additionalProperties"] = structural(schema["additionalProperties"])
    if "items" in schema:
        told["items"] = structural(schema["items"])
    return told


def definitions() -> Iterator[Schema]:
    """A CustomResourceDefinition for each kind of the operators."""
    for file in sorted(OPERATORS.glob("*.json")):
        schema = json.loads(file.read_text("utf-8"))
        group, _, version = schema["properties"]["apiVersion"]["const"].partition("/")
        kind = schema["properties"]["kind"]["const"]
        names = {"kind": kind, "plural": f"{kind.lower()}s", "singular": kind.lower(), "listKind": f"{kind}List"}
        # Kubernetes itself says what metadata may hold.
        parts = {"type": "object", "properties": {"spec": structural(schema["properties"]["spec"])}}
        served = {"name": version, "served": True, "storage": True, "schema": {"openAPIV3Schema": parts}}
        yield {
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": "CustomResourceDefinition",
            "metadata": {"name": f"{names['plural']}.{group}"},
            "spec": {"group": group, "scope": "Namespaced", "names": names, "versions": [served]},
        }


def define(api: Api) -> None:
    """Make the operators' kinds known, and wait until each can be asked for."""
    made = list(definitions())
    for definition in made:
        api.create(DEFINITIONS, definition)
    for definition in made:
        spec = definition["spec"]
        path = f"/apis/{spec['group']}/{spec['versions'][0]['name']}/{spec['names']['plural']}"
        awaited(partial(_is_served, api, path), f"{path} is served")


def _is_served(api: Api, path: str) -> bool | None:
    try:
        return api.items(path) == [] or None
    except Refused:
        return None


def _type_of(value: object) -> str:
    return {str: "string", bool: "boolean", int: "integer"}[type(value)]
