"""The committed code is what the pinned tools make of protos/, and protos/ passes buf's rules."""

import subprocess
import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTOS = ROOT / "protos"
COMMITTED = ROOT / "services" / "fengqiao" / "proto"
# protoc finds its plugins on the path, also when the environment is not activated.
TOOLS = {"PATH": f"{sysconfig.get_path('scripts')}:/usr/bin:/bin"}


def generated(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*_pb2*.py*"))
        if "__pycache__" not in path.parts
    }


def test_the_generated_code_is_fresh(tmp_path: Path) -> None:
    sources = sorted(str(path) for path in PROTOS.rglob("*.proto"))
    kinds = ("python", "grpc_python")
    stubs = ("mypy", "mypy_grpc")
    outputs = [f"--{kind}_out={tmp_path}" for kind in kinds] + [f"--{kind}_out=quiet:{tmp_path}" for kind in stubs]
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{PROTOS}", *outputs, *sources]
    subprocess.run(command, check=True, env=TOOLS, timeout=60)
    fresh = generated(tmp_path / "fengqiao" / "proto")
    assert len(fresh) == 4 * len(sources)
    assert fresh == generated(COMMITTED)


def test_the_schema_passes_the_rules_of_buf() -> None:
    buf = Path(sysconfig.get_path("scripts")) / "buf"
    ran = subprocess.run([buf, "lint"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.returncode, ran.stdout) == (0, "")
