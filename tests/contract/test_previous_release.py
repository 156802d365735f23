"""The release before ours, held against ours: it reads what we send, and its schema is the beginning of ours."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.version import Version

from fengqiao import __version__
from fengqiao.store.migrate import migrations
from tests.contract.messages import EXAMPLES
from tests.releases import migrations_in, previous_archive, statements_in, unpacked, version_in

PREVIOUS = previous_archive()
READ_ALL = """
import json, pathlib, sys
from fengqiao.domain.errors import Refusal
from fengqiao.wire.envelope import decode_envelope
told = {}
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.bin")):
    try:
        read = decode_envelope(path.read_bytes())
        told[path.stem] = "read" if read.message is not None or read.seq == 0 else "waits"
    except Refusal as refusal:
        told[path.stem] = str(refusal)
print(json.dumps(told))
"""

# What the release before ours can't bear while it still runs: see docs/upgrading.md.
CONTRACTING = re.compile(
    r"\bDROP\s+(?!INDEX\b|CONSTRAINT\b|NOT\s+NULL\b|TRIGGER\b)\w+|\bRENAME\b|\bTRUNCATE\b"
    r"|\bALTER\s+(COLUMN\s+)?\w+\s+((SET\s+DATA\s+)?TYPE|SET\s+NOT\s+NULL|DROP\s+DEFAULT)\b"
    r"|\bADD\s+(CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\b"
    r"|\bADD\s+(COLUMN\s+)?(?=[^,;]*\bNOT\s+NULL\b)(?![^,;]*\bDEFAULT\b)",
    re.IGNORECASE,
)
FUNCTION_BODY = re.compile(r"(?<=CREATE FUNCTION)[^$;]*\$\$.*?\$\$", re.IGNORECASE | re.DOTALL)
UNIQUE_INDEX = re.compile(r"\bCREATE\s+UNIQUE\s+INDEX\s+\w+\s+ON\s+(\w+)", re.IGNORECASE)
MADE = re.compile(r"\bCREATE\s+TABLE\s+(\w+)", re.IGNORECASE)
DROPPED = re.compile(r"\bDROP\s+(?:TABLE|COLUMN)\s+(?:IF\s+EXISTS\s+)?(\w+)", re.IGNORECASE)
CONTRACT_SUFFIX = "_contract"


def test_the_kept_release_is_an_earlier_one() -> None:
    assert Version(version_in(PREVIOUS)) < Version(__version__)
    assert (EXAMPLES / version_in(PREVIOUS)).is_dir()


def test_it_reads_every_message_that_we_send_and_lets_those_wait_that_it_does_not_know(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(EXAMPLES / __version__)],
        env=os.environ | {"PYTHONPATH": str(unpacked(PREVIOUS, tmp_path))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    known = {path.stem for path in (EXAMPLES / version_in(PREVIOUS)).glob("*.bin")}
    sent = {path.stem for path in (EXAMPLES / __version__).glob("*.bin")}
    assert json.loads(done.stdout) == {name: "read" if name in known else "waits" for name in sent}


def test_the_steps_that_it_took_read_the_same_in_ours() -> None:
    ours = {step.name: step.text for step in migrations()}
    theirs = migrations_in(PREVIOUS)
    assert theirs
    assert {name: ours.get(name) for name in theirs} == theirs
    assert sorted(ours)[: len(theirs)] == sorted(theirs)


def contracting(text: str) -> list[str]:
    """The words of a migration that the release before could stumble over; what a new function does it does later."""
    bare = FUNCTION_BODY.sub("", re.sub(r"--[^\n]*", "", text))
    older = [f"unique index on {table}" for table in UNIQUE_INDEX.findall(bare) if table not in MADE.findall(bare)]
    return [*(match.group(0) for match in CONTRACTING.finditer(bare)), *older]


def test_new_steps_only_expand_and_what_contracts_is_no_longer_asked_for() -> None:
    """A step that contracts ends with `_contract` and drops only what the release before no longer names."""
    asked = statements_in(PREVIOUS)
    for step in migrations():
        if step.name in migrations_in(PREVIOUS):
            continue
        if step.name.endswith(CONTRACT_SUFFIX):
            still = [name for name in DROPPED.findall(step.text) if re.search(rf"\b{name}\b", asked)]
            assert still == [], f"{step.name} drops what {version_in(PREVIOUS)} still asks for"
        else:
            assert contracting(step.text) == [], f"{step.name} is not an expansion"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("CREATE TABLE t (a int NOT NULL);", False),
        ("ALTER TABLE t ADD COLUMN a int;", False),
        ("ALTER TABLE t ADD COLUMN a int NOT NULL DEFAULT 0, ADD COLUMN b int;", False),
        ("CREATE INDEX i ON t (a); -- it does not RENAME", False),
        ("CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN DROP TABLE t; END $$;", False),
        ("DO $$ BEGIN DROP TABLE t; END $$;", True),
        ("ALTER TABLE t ADD COLUMN a int NOT NULL, ADD COLUMN b int DEFAULT 1;", True),
        ("ALTER TABLE t DROP COLUMN a;", True),
        ("ALTER TABLE t DROP a;", True),
        ("ALTER TABLE t ADD a int NOT NULL;", True),
        ("ALTER TABLE t ADD a int;", False),
        ("ALTER TABLE t ADD CHECK (a > 0);", True),
        ("ALTER TABLE t ADD UNIQUE (a);", True),
        ("ALTER TABLE t ALTER a DROP DEFAULT;", True),
        ("ALTER TABLE t ALTER COLUMN a SET DATA TYPE bigint;", True),
        ("ALTER TABLE t DROP CONSTRAINT c;", False),
        ("CREATE UNIQUE INDEX i ON case_file (number);", True),
        ("CREATE TABLE t (a int); CREATE UNIQUE INDEX i ON t (a);", False),
        (
            "CREATE FUNCTION f() RETURNS int RETURN 1; ALTER TABLE t DROP COLUMN a; CREATE FUNCTION g() AS $$ x $$;",
            True,
        ),
        ("ALTER TABLE t ALTER COLUMN a SET NOT NULL;", True),
        ("ALTER TABLE t ALTER a TYPE bigint;", True),
        ("ALTER TABLE t RENAME TO u;", True),
        ("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0);", True),
    ],
)
def test_a_step_that_contracts_is_found(text: str, found: bool) -> None:
    assert bool(contracting(text)) is found
