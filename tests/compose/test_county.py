"""A county by compose: a case goes from a township's desk up to the county, and everything is watched.

Needs a Docker engine, the image of `make image`, and the parts from a registry or of `make images-test`; so it stands
outside `make test`. Without them it fails and says what is missing.
"""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Page, async_playwright, expect

from tests.browser.rig import CHROMIUM, FLAGS
from tests.stack import ROOT

DEPLOY = ROOT / "deploy"
COUNTY, TOWNSHIP = "371401", "371401001"
READY_SECONDS = 240.0
IMAGE = "fengqiao:local"
IMAGE_MOST_BYTES = 250_000_000
PORTS = ("COUNTY_PORT", "CITIZEN_PORT", "TOWNSHIPS_PORT", "PROMETHEUS_PORT")
# Debian's client before others on the path: only it comes with what it needs.
ENVIRONMENT = os.environ | {"PATH": f"/usr/bin:{os.environ['PATH']}"}


def run(*command: str, **variables: str) -> str:
    ended = subprocess.run(
        command, cwd=DEPLOY, env=ENVIRONMENT | variables, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, f"{' '.join(command)}: {ended.stdout[-1000:]}{ended.stderr[-3000:]}"
    return ended.stdout


def composer() -> tuple[str, ...]:
    """`docker compose` where the client knows it, else the older command of its own."""
    known = subprocess.run(["docker", "compose", "version"], env=ENVIRONMENT, capture_output=True, check=False)
    if known.returncode == 0:
        return ("docker", "compose")
    assert shutil.which("docker-compose", path=ENVIRONMENT["PATH"]), "neither docker compose nor docker-compose is here"
    return ("docker-compose",)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@dataclass(frozen=True)
class County:
    """The running county: its command with project and settings, and where its doors are."""

    command: tuple[str, ...]
    variables: dict[str, str]

    def compose(self, *words: str) -> str:
        return run(*self.command, *words, **self.variables)

    def door(self, name: str) -> str:
        return f"http://127.0.0.1:{self.variables[name]}"

    def asked(self, path: str) -> Any:
        return json.loads(fetched(f"{self.door('PROMETHEUS_PORT')}{path}"))["data"]


def settings(folder: Path) -> Path:
    """The settings of env.example with secrets of their own; the parts that were built, where they were."""
    text = (DEPLOY / "compose" / "env.example").read_text("utf-8")
    text = re.sub(r"change-me[\w-]*", lambda _: uuid4().hex + uuid4().hex, text)
    built = run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
    if "fengqiao-postgres:local" in built:
        text += (DEPLOY / "compose" / "env.local").read_text("utf-8")
    path = folder / "env"
    path.write_text(text, "utf-8")
    return path


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    images = run("docker", "images", "--format", "{{.Repository}}:{{.Tag}}").split()
    assert IMAGE in images, "there is no image: run `make image`"
    file = settings(tmp_path_factory.mktemp("county"))
    project = f"fengqiao-test-{os.getpid()}"
    command = (*composer(), "--project-name", project, "--env-file", str(file), "--file", str(DEPLOY / "compose.yaml"))
    found = County(command, {name: str(free_port()) for name in PORTS})
    try:
        found.compose("up", "--detach")
        yield found
    finally:
        found.compose("down", "--volumes", "--timeout", "20")


def fetched(address: str) -> str:
    with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - a door of the county that we started
        return str(answer.read().decode())


def ready(address: str) -> None:
    until = time.monotonic() + READY_SECONDS
    while True:
        try:
            fetched(address)
        except OSError:
            assert time.monotonic() < until, f"{address} never answered"
            time.sleep(0.5)
        else:
            return


async def signed_in(page: Page, desk: str, centre: str) -> None:
    await page.goto(f"{desk}/{centre}/cases")
    await page.fill("#f-login", "clerk")
    await page.fill("#f-password", "fengqiao")
    await page.press("#f-password", "Enter")
    await page.wait_for_url(f"**/{centre}/cases*")


async def test_a_case_goes_from_a_township_up_to_the_county(county: County) -> None:
    title = f"路灯不亮 {uuid4().hex[:6]}"
    township, above = county.door("TOWNSHIPS_PORT"), county.door("COUNTY_PORT")
    ready(f"{township}/{TOWNSHIP}/sign-in")
    ready(f"{above}/{COUNTY}/sign-in")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        try:
            page = await (await browser.new_context(locale="zh-CN")).new_page()
            await signed_in(page, township, TOWNSHIP)
            await page.goto(f"{township}/{TOWNSHIP}/cases/new")
            await page.fill("#f-title", title)
            await page.fill("#f-text", "村口路灯已有三天不亮，夜里走路不安全。")
            await page.keyboard.press("Control+Enter")
            await page.wait_for_url(f"**/cases/{TOWNSHIP}-*")
            number = page.url.rsplit("/", 1)[1]
            await page.goto(f"{township}/{TOWNSHIP}/cases/{number}?act=offer-up")
            await page.fill("#do-offer-up [name=reason]", "超出镇级职权")
            await page.click("#do-offer-up form button")
            await page.wait_for_load_state()
            assert await page.locator("[role=alert]").count() == 0, await page.inner_text("main")
            county_page = await (await browser.new_context(locale="zh-CN")).new_page()
            await signed_in(county_page, above, COUNTY)
            found = county_page.get_by_text(title)
            async with asyncio.timeout(60):
                while not await found.count():
                    await county_page.goto(f"{above}/{COUNTY}/cases?view=all&q={number}")
            await expect(found.first).to_be_visible()
        finally:
            await browser.close()


def test_every_centre_and_the_database_are_watched(county: County) -> None:
    ready(f"{county.door('PROMETHEUS_PORT')}/-/ready")
    until, targets = time.monotonic() + READY_SECONDS, []
    while time.monotonic() < until:
        targets = county.asked("/api/v1/targets?state=active")["activeTargets"]
        if targets and all(target["health"] == "up" for target in targets):
            break
        time.sleep(1)
    assert {target["health"] for target in targets} == {"up"}, targets
    jobs = {target["labels"]["job"] for target in targets}
    assert {"fengqiao", "postgresql"} <= jobs
    centres = {target["labels"].get("centre") for target in targets if target["labels"]["job"] == "fengqiao"}
    assert centres == {"371401", "371401001", "371401002", "371401003"}
    (release,) = {one["metric"]["version"] for one in county.asked("/api/v1/query?query=fengqiao_release")["result"]}
    assert release in run("docker", "run", "--rm", IMAGE, "version")
    assert [one["url"] for one in county.asked("/api/v1/alertmanagers")["activeAlertmanagers"]]
    groups = county.asked("/api/v1/rules")["groups"]
    assert not [rule for group in groups for rule in group["rules"] if rule["health"] == "err"]


def test_everybody_may_see_the_county_s_figures_at_a_door_of_their_own(county: County) -> None:
    ready(f"{county.door('CITIZEN_PORT')}/{COUNTY}/performance")
    assert "办理情况公开" in fetched(f"{county.door('CITIZEN_PORT')}/{COUNTY}/performance")


def test_no_process_of_ours_is_root_or_can_write(county: County) -> None:
    for service in ("county", "townships"):
        (container,) = county.compose("ps", "--quiet", service).split()
        found = json.loads(run("docker", "inspect", container))[0]
        assert (found["HostConfig"]["ReadonlyRootfs"], found["HostConfig"]["CapDrop"]) == (True, ["ALL"])
        processes = [line.split()[0] for line in run("docker", "top", container, "-o", "uid,pid").splitlines()[1:]]
        assert set(processes) == {"10001"}


def test_the_image_is_small_and_says_what_is_in_it() -> None:
    assert json.loads(run("docker", "inspect", IMAGE))[0]["Size"] <= IMAGE_MOST_BYTES
    read = "print(open('/sbom.cdx.json').read())"
    bill = json.loads(run("docker", "run", "--rm", "--entrypoint", "python3", IMAGE, "-c", read))
    assert bill["bomFormat"] == "CycloneDX"
    assert "psycopg" in {component["name"] for component in bill["components"]}
