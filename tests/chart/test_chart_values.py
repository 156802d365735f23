"""Values are checked before anything reaches a cluster: wrong ones are refused with a message that names the place."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.chart.rendering import FEDERATION, NODE, template

MINIMAL = str(NODE / "ci" / "minimal-values.yaml")
CSV = "code,level,name,parent\n371403001,city,市,\n"

# (values over the smallest set, a piece of the message that a person reads)
WRONG_OF_A_NODE: list[tuple[dict[str, Any], str]] = [
    ({"centre": ""}, "'/centre': '' does not match pattern"),
    ({"centre": "德州"}, "'/centre': '德州' does not match pattern"),
    ({"centre": 371403001}, "'/centre': got number, want string"),
    ({"replcas": 2}, "additional properties 'replcas' not allowed"),
    ({"replicas": 0}, "'/replicas': minimum: got 0, want 1"),
    ({"replicas": "2"}, "'/replicas': got string, want integer"),
    ({"replicas": 10}, "'/replicas': maximum: got 10, want 9"),
    ({"namePrefix": "9x"}, "'/namePrefix': '9x' does not match pattern"),
    ({"fullnameOverride": "Under_Score"}, "'/fullnameOverride'"),
    ({"image": {"tag": "latest"}}, "'/image/tag': 'not' failed"),
    ({"image": {"digest": "sha256:abc"}}, "'/image/digest'"),
    ({"image": {"pullPolicy": "Sometimes"}}, "'/image/pullPolicy': value must be one of"),
    ({"image": {"pullSecrets": ["registry"]}}, "'/image/pullSecrets/0': got string, want object"),
    ({"database": {"password": "s3cret"}}, "'/database': additional properties 'password' not allowed"),
    ({"database": {"host": "pg password=x"}}, "'/database/host'"),
    ({"database": {"host": "pg'"}}, "'/database/host'"),
    ({"database": {"port": 0}}, "'/database/port': minimum"),
    ({"database": {"sslmode": "on"}}, "'/database/sslmode': value must be one of"),
    ({"database": {"name": "fengqiao-1"}}, "'/database/name'"),
    ({"kafka": {"bootstrapServers": []}}, "'/kafka/bootstrapServers': minItems"),
    ({"kafka": {"bootstrapServers": ["kafka"]}}, "'/kafka/bootstrapServers/0'"),
    ({"kafka": {"bootstrapServers": "kafka:9092"}}, "'/kafka/bootstrapServers': got string, want array"),
    ({"kafka": {"password": "x"}}, "'/kafka': additional properties 'password' not allowed"),
    ({"parent": "county"}, "'/parent'"),
    ({"topology": {"file": "x.csv"}}, "'/topology': additional properties 'file' not allowed"),
    ({"files": {"catalogue": "x"}}, "'/files': additional properties 'catalogue' not allowed"),
    ({"files": {"limits": ""}}, "'/files/limits': minLength"),
    ({"calendars": {"next": "x"}}, "'/calendars': additional properties 'next' not allowed"),
    ({"settings": {"kafka": "x:1"}}, "'/settings': additional properties 'kafka' not allowed"),
    ({"settings": {"database_connections": 1}}, "'/settings/database_connections': minimum"),
    ({"settings": {"poll_seconds": 0}}, "'/settings/poll_seconds': exclusiveMinimum"),
    ({"settings": {"log_level": "LOUD"}}, "'/settings/log_level': value must be one of"),
    ({"formSecret": "abc"}, "'/formSecret': got string, want object"),
    ({"migrations": {"mode": "later"}}, "'/migrations/mode': value must be one of"),
    ({"resources": {"requests": {"cpu": "fast"}}}, "'/resources/requests/cpu'"),
    ({"resources": {"requests": {"memory": "192 MiB"}}}, "'/resources/requests/memory'"),
    ({"probes": {"startSeconds": 10}}, "'/probes/startSeconds': minimum"),
    ({"probes": {"ready": {"by": "tcp"}}}, "'/probes/ready/by': value must be one of"),
    ({"stop": {"preStopSeconds": 0}}, "'/stop/preStopSeconds': minimum"),
    ({"disruptionBudget": {"maxUnavailable": 0}}, "'/disruptionBudget/maxUnavailable': minimum"),
    ({"networkPolicy": {"ingress": {"grpc": [{}]}}}, "'/networkPolicy/ingress/grpc/0': minProperties"),
    ({"networkPolicy": {"ingress": {"http": []}}}, "additional properties 'http' not allowed"),
    ({"serviceMonitor": {"interval": "often"}}, "'/serviceMonitor/interval'"),
    ({"ingress": {"enabled": True}}, "'/ingress/host': minLength"),
    ({"ingress": {"host": "https://x"}}, "'/ingress/host'"),
    ({"user": 0}, "'/user': minimum: got 0, want 1"),
    ({"podLabels": {"a": 1}}, "'/podLabels/a': got number, want string"),
]

WRONG_OF_A_CITY: list[tuple[dict[str, Any], str]] = [
    ({"nodes": {"sizes": {"village": {}}}}, "'/nodes/sizes': additional properties 'village' not allowed"),
    ({"nodes": {"sizes": {"county": {"replicaz": 2}}}}, "'/nodes/sizes/county': additional properties 'replicaz'"),
    ({"nodes": {"overrides": {"X": {}}}}, "'/nodes/overrides': additional properties 'X' not allowed"),
    ({"nodes": {"overrides": {"990001": {"replicas": 0}}}}, "'/nodes/overrides/990001/replicas': minimum"),
    ({"nodes": {"common": {"centre": "990001"}}}, "'/nodes/common': additional properties 'centre' not allowed"),
    ({"nodes": {"common": {"topology": {}}}}, "'/nodes/common': additional properties 'topology' not allowed"),
    ({"nodes": {"common": {"image": {"tag": "latest"}}}}, "'/nodes/common/image/tag'"),
    ({"nodes": {"only": [990001]}}, "'/nodes/only/0': got number, want string"),
    ({"nodes": {"only": ["990001", "990001"]}}, "'/nodes/only'"),
    ({"kafka": {"mode": "zookeeper"}}, "'/kafka/mode': value must be one of"),
    ({"kafka": {"topics": True}}, "'/kafka/topics': value must be one of"),
    ({"kafka": {"strimzi": {"brokers": 0}}}, "'/kafka/strimzi/brokers': minimum"),
    ({"kafka": {"strimzi": {"heap": "1GB"}}}, "'/kafka/strimzi/heap'"),
    ({"databases": {"mode": "rds"}}, "'/databases/mode': value must be one of"),
    ({"databases": {"cnpg": {"layout": "village"}}}, "'/databases/cnpg/layout': value must be one of"),
    ({"databases": {"cnpg": {"storage": {"size": "20"}}}}, "'/databases/cnpg/storage/size'"),
    ({"databases": {"cnpg": {"parameters": {"work_mem": 4}}}}, "'/databases/cnpg/parameters/work_mem': got number"),
    ({"monitoring": {"alertmanager": {"mode": False}}}, "'/monitoring/alertmanager/mode': value must be one of"),
    ({"monitoring": {"alertmanager": {"webhook": "bridge:80"}}}, "'/monitoring/alertmanager/webhook'"),
    ({"monitoring": {"alertmanager": {"token": "x"}}}, "additional properties 'token' not allowed"),
    ({"monitoring": {"rules": "yes"}}, "'/monitoring/rules': got string, want boolean"),
    ({"ingress": {"enabled": True}}, "'/ingress/host': minLength"),
    ({"secrets": {}}, "additional properties 'secrets' not allowed"),
]

GOOD_OF_A_NODE: list[dict[str, Any]] = [
    {"centre": "3714"},
    {"centre": "371403001003"},
    {"replicas": 9, "formSecret": {"name": "forms"}},
    {"topology": {"csv": CSV}},
    {"resources": {"requests": {"cpu": 0.1, "memory": "192Mi"}}},
    {"resources": {}},
    {"settings": {"poll_seconds": 60, "database_connections": 100}},
    {"global": {"anything": 1}},
    {"calendars": {"2027": "year = 2027"}},
]


def told(chart: Path, values: dict[str, Any], folder: Path, *options: str) -> tuple[int, str]:
    file = folder / "values.json"
    file.write_text(json.dumps(values, ensure_ascii=False), "utf-8")
    found = template(chart, *options, "--values", str(file))
    return found.returncode, found.stderr


@pytest.mark.parametrize(("values", "message"), WRONG_OF_A_NODE, ids=lambda found: json.dumps(found)[:60])
def test_a_wrong_value_of_a_node_is_refused_and_named(values: dict[str, Any], message: str, tmp_path: Path) -> None:
    code, said = told(NODE, values, tmp_path, "--values", MINIMAL)
    assert code != 0
    assert message in said
    assert "fengqiao-node" in said


@pytest.mark.parametrize(("values", "message"), WRONG_OF_A_CITY, ids=lambda found: json.dumps(found)[:60])
def test_a_wrong_value_of_a_city_is_refused_and_named(values: dict[str, Any], message: str, tmp_path: Path) -> None:
    code, said = told(FEDERATION, values, tmp_path)
    assert code != 0
    assert message in said
    assert "fengqiao-federation" in said


@pytest.mark.parametrize("values", GOOD_OF_A_NODE, ids=lambda found: json.dumps(found)[:60])
def test_a_value_that_is_allowed_is_taken(values: dict[str, Any], tmp_path: Path) -> None:
    code, said = told(NODE, values, tmp_path, "--values", MINIMAL)
    assert code == 0, said


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    code, said = told(NODE, {"centre": "x", "replicas": 0, "user": 0}, tmp_path, "--values", MINIMAL)
    assert code != 0
    assert all(place in said for place in ("'/centre'", "'/replicas'", "'/user'"))


def test_a_node_without_values_is_told_what_it_needs(tmp_path: Path) -> None:
    code, said = told(NODE, {}, tmp_path)
    assert code != 0
    assert "'/centre'" in said
    assert "'/kafka/bootstrapServers'" in said
