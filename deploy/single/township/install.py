"""A release put on the machine: the first one, the same once more, or a newer one that gives way when it fails."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

from township.backup import back_up
from township.bundle import checked, current_release, forget_old, lay_out, switch
from township.database import major_of
from township.identity import Identity, machine_variables, write_identity
from township.machine import ALL, DATABASE_ACCOUNT, TARGET, TIMER, Machine
from township.places import Places
from township.words import Trouble, said, tell

READY_SECONDS = 300.0
PRODUCT = """\
#!/bin/sh
# The program of the release that runs, with the settings of this machine.
FENGQIAO_SETTINGS=/etc/fengqiao/fengqiao.toml exec /opt/fengqiao/current/venv/bin/fengqiao "$@"
"""
COPY_UNIT = "fengqiao-backup.service.d/copy.conf"


def install(
    places: Places, machine: Machine, bundle: Path, wanted: Identity, ready_seconds: float = READY_SECONDS
) -> None:
    """Install from a bundle, or upgrade to it; running it twice changes nothing. Raises Trouble."""
    version = checked(bundle)
    before = current_release(places)
    machine.make_accounts()
    write_identity(places, machine, wanted)
    release = lay_out(places, bundle, version)
    _refuse_other_data(places, release)
    if before is not None and before != release:
        _upgrade(places, machine, before, release, ready_seconds)
    else:
        _put_in_charge(places, machine, release)
        if not _started(machine, places, ready_seconds):
            raise Trouble(said("节点没有就绪，请看 fengqiao-single status。", "The node is not ready; see status."))
        # The first backup shows at once whether there will be any.
        machine.systemctl("start", "fengqiao-backup.service")
    forget_old(places, {release, before or release})
    centre = machine_variables(places)["CENTRE"]
    desk = f"http://127.0.0.1:8080/{centre}/"
    tell(said(f"已安装 {version}，工作台：{desk}", f"{version} is installed; the desk: {desk}"))


def write_units(places: Places, release: Path) -> None:
    """Put the units of a release where systemd reads them, and take away those that it no longer has."""
    places.units.mkdir(parents=True, exist_ok=True)
    units = sorted((release / "single/units").iterdir())
    for old in places.units.glob("fengqiao*"):
        if old.is_file() and old.name not in {unit.name for unit in units}:
            old.unlink()
    for unit in units:
        (places.units / unit.name).write_text(places.moved(unit.read_text("utf-8")), "utf-8")
    copy = machine_variables(places).get("BACKUP_COPY", "")
    drop_in = places.units / COPY_UNIT
    drop_in.unlink(missing_ok=True)
    if copy:
        drop_in.parent.mkdir(exist_ok=True)
        # With the dash, a disk that is not plugged in does not keep the backup on this one from being made.
        drop_in.write_text(f"[Service]\nReadWritePaths=-{copy}\n", "utf-8")


def uninstall(places: Places, machine: Machine, *, data_too: bool) -> None:
    """Take programs and units away; data, settings and backups stay unless `data_too`."""
    if (places.units / TARGET).exists():
        machine.systemctl("stop", *ALL)
        machine.systemctl("disable", TARGET, TIMER)
    for unit in places.units.glob("fengqiao*"):
        shutil.rmtree(unit) if unit.is_dir() else unit.unlink()
    machine.systemctl("daemon-reload")
    for typed in (places.command, places.product):
        typed.unlink(missing_ok=True)
    shutil.rmtree(places.opt, ignore_errors=True)
    if data_too:
        for folder in (places.database, places.backups, places.etc):
            shutil.rmtree(folder, ignore_errors=True)
        tell(said("程序、数据和备份都已删除。", "Programs, data and backups are removed."))
        return
    kept = f"{places.database}, {places.backups}, {places.etc}"
    tell(said(f"程序已删除，数据保留：{kept}", f"Programs are removed; kept: {kept}"))


def _upgrade(places: Places, machine: Machine, before: Path, release: Path, ready_seconds: float) -> None:
    tell(said(f"升级 {before.name} → {release.name}，先备份", f"{before.name} → {release.name}; first a backup"))
    if places.whole_machine:
        machine.systemctl("start", "fengqiao-postgres.service")
        machine.systemctl("start", "fengqiao-backup.service")
    else:
        back_up(places, datetime.now(UTC))
    try:
        _put_in_charge(places, machine, release)
        is_ready = _started(machine, places, ready_seconds)
    except Trouble as trouble:
        tell(str(trouble))
        is_ready = False
    if is_ready:
        return
    # Migrations only add before they take away, so the old release runs with the newer database.
    tell(said(f"{release.name} 没有就绪，退回 {before.name}", f"{release.name} is not ready; back to {before.name}"))
    _put_in_charge(places, machine, before)
    if _started(machine, places, ready_seconds):
        raise Trouble(said("升级没有成功，旧版本仍在运行。", "The upgrade failed; the old release runs."))
    raise Trouble(said("升级没有成功，旧版本也没有就绪。", "The upgrade failed, and the old release is not ready."))


def _put_in_charge(places: Places, machine: Machine, release: Path) -> None:
    """Stop what runs, switch to a release and let systemd know its units."""
    if (places.units / TARGET).exists() and current_release(places) != release:
        machine.systemctl("stop", *ALL)
    switch(places, release)
    write_units(places, release)
    places.command.parent.mkdir(parents=True, exist_ok=True)
    places.command.unlink(missing_ok=True)
    places.command.symlink_to(places.current / "single/fengqiao-single")
    places.product.write_text(places.moved(PRODUCT), "utf-8")
    places.product.chmod(0o755)
    machine.own(places.database, DATABASE_ACCOUNT)
    machine.systemctl("daemon-reload")


def _started(machine: Machine, places: Places, ready_seconds: float) -> bool:
    machine.systemctl("enable", "--now", TIMER)
    machine.systemctl("enable", "--now", TARGET)
    return places.hold.exists() or machine.wait_ready(ready_seconds)


def _refuse_other_data(places: Places, release: Path) -> None:
    """Refuse a release whose PostgreSQL cannot read the data, before anything is stopped."""
    made_by = places.data / "PG_VERSION"
    if made_by.exists() and (found := made_by.read_text("ascii").strip()) != (
        brings := major_of(release / "postgres/bin/postgres")
    ):
        raise Trouble(
            said(
                f"数据是 PostgreSQL {found} 的，新版本带的是 {brings}：见 README 的“升级”。",
                f"The data are PostgreSQL {found}'s, the release brings {brings}: see README, “Upgrade”.",
            )
        )
