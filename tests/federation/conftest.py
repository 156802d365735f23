"""What tests of the federation share."""

from pathlib import Path
from uuid import uuid4

import pytest

from tests.stack import ROOT

MADE = ROOT / "services" / "fengqiao" / "entry" / "data" / "made_messages.csv"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """The made set with numbers of its own, so that no test knows the cases of another."""
    path = tmp_path / "messages.csv"
    mark = uuid4().hex[:8]
    path.write_text(MADE.read_text("utf-8").replace("\nM", f"\n{mark}-"), "utf-8")
    return path
