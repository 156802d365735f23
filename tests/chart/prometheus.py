"""Prometheus' own programs for the tests of rules: promtool on a rule test, amtool, and a real Prometheus."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.stack import ROOT

DEPLOYED = ROOT / "deploy" / "prometheus"
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
