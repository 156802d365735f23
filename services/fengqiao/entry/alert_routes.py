"""Who is told of an alert: the configuration of Alertmanager, made from the list of centres (F36).

Each county hears of its own centres, the city's operations of what is critical and of what only the city can mend. A
cause silences its consequences: a centre that is away says nothing more of its links and its messages. No secret stands
in it: receivers are addresses of a bridge (mail, DingTalk, WeCom), and a token is a file that Alertmanager reads.
"""

from typing import Any

from fengqiao.domain.topology import Level, Topology

CITY_RECEIVER = "city-ops"
WEBHOOK = "http://127.0.0.1:8060/{receiver}"

ABOUT_THE_CENTRE = ("centre",)
ABOUT_THE_EDGE = ("centre", "neighbour")
ABOUT_THE_NEIGHBOUR = ("neighbour",)
ABOUT_THE_LIMIT = ("county", "code")
INHIBITIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "FengqiaoNodeAway",
        ("FengqiaoLinkDown", "FengqiaoMessagesWait", "FengqiaoMessagesStuck", "FengqiaoInboxGap"),
        ABOUT_THE_NEIGHBOUR,
    ),
    (
        "FengqiaoNodeAway",
        (
            *("FengqiaoDatabaseAway", "FengqiaoKafkaAway", "FengqiaoLinkDown", "FengqiaoLoopStandsStill"),
            *("FengqiaoMessagesWait", "FengqiaoMessagesStuck", "FengqiaoSweeperStandsStill"),
        ),
        ABOUT_THE_CENTRE,
    ),
    (
        "FengqiaoDatabaseAway",
        (
            *("FengqiaoSweeperStandsStill", "FengqiaoLoopStandsStill", "FengqiaoWarningsLate"),
            *("FengqiaoMessagesWait", "FengqiaoMessagesStuck", "FengqiaoConsumerStalled"),
        ),
        ABOUT_THE_CENTRE,
    ),
    ("FengqiaoKafkaAway", ("FengqiaoConsumerStalled",), ABOUT_THE_CENTRE),
    ("FengqiaoSweeperStandsStill", ("FengqiaoWarningsLate",), ABOUT_THE_CENTRE),
    ("FengqiaoMessagesStuck", ("FengqiaoMessagesWait",), ABOUT_THE_EDGE),
    ("FengqiaoLimitsBurnFast", ("FengqiaoLimitsBurnSteadily", "FengqiaoLimitsBurnSlowly"), ABOUT_THE_LIMIT),
    ("FengqiaoLimitsBurnSteadily", ("FengqiaoLimitsBurnSlowly",), ABOUT_THE_LIMIT),
)
"""(cause, consequences, labels that have to agree)."""


def county_receiver(county: str) -> str:
    """Give the name of a county's receiver."""
    return f"county-{county}"


def alertmanager_config(topology: Topology, webhook: str = WEBHOOK, token_file: str = "") -> dict[str, Any]:
    """Make the configuration; `webhook` is an address with {receiver}, `token_file` holds a bearer token for it."""
    counties = [centre.code for centre in topology.centres.values() if centre.level is Level.COUNTY]
    receivers = (CITY_RECEIVER, *map(county_receiver, counties))
    return {
        "route": {
            "receiver": CITY_RECEIVER,
            "group_by": ["alertname", "county"],
            "group_wait": "30s",
            "group_interval": "5m",
            "repeat_interval": "4h",
            "routes": [
                # What has one cause for the whole city is one message, however many centres say it.
                {"matchers": ['audience="city"'], "receiver": CITY_RECEIVER, "group_by": ["alertname"]},
                {"matchers": ['severity="critical"'], "receiver": CITY_RECEIVER, "continue": True},
                *({"matchers": [f'county="{code}"'], "receiver": county_receiver(code)} for code in counties),
            ],
        },
        "inhibit_rules": [_inhibition(*rule) for rule in INHIBITIONS],
        "receivers": [_receiver(name, webhook, token_file) for name in receivers],
    }


def _inhibition(cause: str, consequences: tuple[str, ...], equal: tuple[str, ...]) -> dict[str, Any]:
    return {
        "source_matchers": [f'alertname="{cause}"'],
        "target_matchers": [f'alertname=~"{"|".join(consequences)}"'],
        "equal": list(equal),
    }


def _receiver(name: str, webhook: str, token_file: str) -> dict[str, Any]:
    hook: dict[str, Any] = {"url": webhook.replace("{receiver}", name), "send_resolved": True}
    if token_file:
        hook["http_config"] = {"authorization": {"credentials_file": token_file}}
    return {"name": name, "webhook_configs": [hook]}
