"""A small city: installed, upgraded, rolled back, its list changed, taken away; its databases outlive all of it."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.chart.rendering import FEDERATION
from tests.cluster.api import not_taken
from tests.cluster.namespace import Namespace, images, is_ready, variables

CITY, COUNTY, TOWNSHIP, OTHER = "990000", "990001", "990001001", "990001002"
LIST = f"""code,level,name,parent
{CITY},city,枫桥示例市,
{COUNTY},county,东柳县,{CITY}
{TOWNSHIP},township,东柳街道,{COUNTY}
{OTHER},township,西柳镇,{COUNTY}
"""
WAIT = ("--wait", "--timeout", "120s")
# All that a city may have: topics, users, databases, monitors, rules, boards, alerts, and desks behind one host.
WHOLE = (
    *("--set", "kafka.topics=resources,kafka.users=true,databases.cnpg.layout=county,ingress.enabled=true"),
    *("--set", "ingress.host=desk.example,monitoring.alertmanager.mode=resource"),
    *("--set", "monitoring.alertmanager.webhook=https://bridge.example/{receiver}"),
)
DATABASES = {
    f"Cluster fengqiao-pg-{CITY}",
    f"Cluster fengqiao-pg-{COUNTY}",
    f"Database fengqiao-{TOWNSHIP}",
    f"Database fengqiao-{OTHER}",
}


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """The list of centres as a file; a test may write another one into it."""
    file = tmp_path / "divisions.csv"
    file.write_text(LIST, "utf-8")
    return file


def install(namespace: Namespace, city: Path, *options: str) -> None:
    """Install the city, and wait until all centres are ready."""
    namespace.done("install", "city", str(FEDERATION), "--set-file", f"topology={city}", *WHOLE, *WAIT, *options)


def upgrade(namespace: Namespace, city: Path, *options: str) -> None:
    """Bring the city to what the options say."""
    namespace.done("upgrade", "city", str(FEDERATION), "--set-file", f"topology={city}", *WHOLE, *WAIT, *options)


def levels(namespace: Namespace) -> Mapping[str, tuple[set[str], str]]:
    """Image and level of logging of each centre by its code; fails when one is not ready."""
    found = namespace.nodes().values()
    assert all(map(is_ready, found))
    return {
        pod["metadata"]["labels"]["fengqiao-centre"]: (images(pod), variables(pod)["FENGQIAO_LOG_LEVEL"])
        for pod in found
    }


def of_centre(namespace: Namespace, code: str) -> set[str]:
    """What stands in the namespace for one centre."""
    return {one for one in namespace.of_releases() if one.endswith((f"-{code}", f".{code}"))}


def test_a_city_is_installed_with_all_its_centres_ready(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    assert levels(namespace) == dict.fromkeys((CITY, COUNTY, TOWNSHIP, OTHER), ({"fengqiao:0.2.0"}, "INFO"))
    for pod in namespace.nodes().values():
        [migrated] = pod["status"]["initContainerStatuses"]
        assert (migrated["name"], migrated["state"]["terminated"]["exitCode"]) == ("migrate", 0)
    assert of_centre(namespace, OTHER) == {
        *(f"{kind} fengqiao-{OTHER}" for kind in ("Deployment", "Service", "NetworkPolicy", "Ingress")),
        *(f"{kind} fengqiao-{OTHER}" for kind in ("ServiceMonitor", "KafkaUser", "Database")),
        *(f"KafkaTopic fengqiao.{topic}.{OTHER}" for topic in ("up", "down", "feed", "dead")),
    }
    assert namespace.of_releases() >= DATABASES


def test_a_city_is_upgraded_by_image_and_by_level_and_rolled_back(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    before = levels(namespace)
    options = ("nodes.common.image.tag=0.3.0", "nodes.sizes.township.settings.log_level=DEBUG")
    upgrade(namespace, city, "--set", ",".join(options))
    new = {"fengqiao:0.3.0"}
    assert levels(namespace) == {
        CITY: (new, "INFO"),
        COUNTY: (new, "INFO"),
        TOWNSHIP: (new, "DEBUG"),
        OTHER: (new, "DEBUG"),
    }
    here = namespace.of_releases()
    namespace.done("rollback", "city", "1", *WAIT)
    assert levels(namespace) == before
    assert namespace.of_releases() - here == {"Secret sh.helm.release.v1.city.v3"}


def test_an_upgrade_of_one_centre_leaves_the_processes_of_the_others_alone(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    before = set(namespace.nodes())
    upgrade(namespace, city, "--set", f"nodes.overrides.{OTHER}.image.tag=0.3.0")
    [gone] = before - set(namespace.nodes())
    assert gone.startswith(f"fengqiao-{OTHER}-")
    assert levels(namespace)[OTHER] == ({"fengqiao:0.3.0"}, "INFO")


def test_a_centre_that_leaves_the_list_goes_and_its_database_stays(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    city.write_text(LIST.replace(f"{OTHER},township,西柳镇,{COUNTY}\n", ""), "utf-8")
    upgrade(namespace, city)
    assert set(levels(namespace)) == {CITY, COUNTY, TOWNSHIP}
    assert of_centre(namespace, OTHER) == {f"Database fengqiao-{OTHER}"}


def test_a_city_that_is_taken_away_leaves_its_databases_and_nothing_else(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    namespace.done("uninstall", "city", *WAIT)
    namespace.settles(DATABASES, "only the databases are left")
    assert namespace.nodes() == {}


def test_a_city_that_was_taken_away_by_mistake_comes_back_on_its_databases(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    before = {name: one["metadata"]["uid"] for name, one in namespace.of_kind("Cluster").items()}
    namespace.done("uninstall", "city", *WAIT)
    namespace.settles(DATABASES, "only the databases are left")
    install(namespace, city)
    assert set(levels(namespace)) == {CITY, COUNTY, TOWNSHIP, OTHER}
    assert {name: one["metadata"]["uid"] for name, one in namespace.of_kind("Cluster").items()} == before


def test_topics_are_made_by_a_job_after_the_centres_where_no_operator_is(namespace: Namespace, city: Path) -> None:
    own = "kafka.mode=existing,kafka.bootstrapServers={kafka.example:9092},kafka.users=false,kafka.topics=job"
    install(namespace, city, "--set", own)
    steps = [
        f"helm create deployments/fengqiao-{OTHER} 201",
        "helm create jobs/city-topics 201",
        "kube-controller-manager update jobs/city-topics/status 200",
        "helm delete jobs/city-topics 200",
    ]
    assert not_taken(steps, namespace.calls()) == []
    assert not any(one.startswith(("Kafka", "Job")) for one in namespace.of_releases())


def test_helm_test_of_a_city_is_admitted_and_asks_all_doors(namespace: Namespace, city: Path) -> None:
    install(namespace, city)
    assert "Phase:          Succeeded" in namespace.done("test", "city", "--timeout", "60s")
    steps = [
        "helm create pods/city-test 201",
        "kube-scheduler create pods/city-test/binding 201",
        "helm delete pods/city-test 200",
    ]
    assert not_taken(steps, namespace.calls()) == []
    [sent] = [call.sent for call in namespace.calls() if str(call) == steps[0]]
    assert "--all" in sent["spec"]["containers"][0]["args"]
