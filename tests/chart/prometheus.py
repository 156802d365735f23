"""Prometheus' own programs for the tests of rules: promtool, amtool, and the deployed configuration in a hurry."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.stack import ROOT

DEPLOYED = ROOT / "deploy" / "prometheus"
INTERVAL = re.compile(r"^( *(?:scrape_|evaluation_)?interval:) \d+[sm]$", re.MULTILINE)
WAIT = re.compile(r"^( *for:) (\d+[mh])$", re.MULTILINE)
RULE_FILES = tuple(sorted(DEPLOYED.glob("*.rules.yml")))


def promtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run promtool."""
    return subprocess.run(["promtool", *arguments], capture_output=True, text=True, timeout=60, check=False)


def amtool(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run amtool."""
    return subprocess.run(["amtool", *arguments], capture_output=True, text=True, timeout=60, check=False)


def rule_test(folder: Path, test: Mapping[str, Any], *, every: str) -> subprocess.CompletedProcess[str]:
    """Play one test of promtool on all rules that are deployed, evaluated at an interval."""
    file = folder / "test.yml"
    rules = [str(path) for path in RULE_FILES]
    file.write_text(json.dumps({"rule_files": rules, "evaluation_interval": every, "tests": [test]}), "utf-8")
    return promtool("test", "rules", str(file))


def hastened(folder: Path) -> Path:
    """A copy of what is deployed that looks every second; gives the configuration.

    What waits for two minutes waits for a second, everything else for four: causes still come before consequences.
    """
    for file in DEPLOYED.glob("*.yml"):
        text = INTERVAL.sub(r"\1 1s", file.read_text("utf-8"))
        text = WAIT.sub(lambda found: f"{found[1]} {1 if found[2] == '2m' else 4}s", text)
        (folder / file.name).write_text(text.replace("scrape_timeout: 10s", "scrape_timeout: 1s"), "utf-8")
    return folder / "prometheus.yml"
