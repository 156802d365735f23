"""One control plane for the whole run; a namespace of its own for each test."""

import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cluster.control_plane import ControlPlane, running_control_plane
from tests.cluster.namespace import Namespace
from tests.cluster.operators import define

NUMBERS = count(1)


@pytest.fixture(scope="session")
def plane() -> Iterator[ControlPlane]:
    """A running control plane that knows the operators' kinds."""
    with running_control_plane() as started:
        define(started.api)
        yield started


@pytest.fixture
def namespace(plane: ControlPlane, request: pytest.FixtureRequest, tmp_path: Path) -> Namespace:
    """An empty namespace; its number tells it from those of the same test with other values."""
    words = re.sub(r"[^a-z0-9]+", "-", request.node.originalname.lower())
    return Namespace(plane, f"{words[5:55].strip('-')}-{next(NUMBERS)}", tmp_path)
