"""Which parts the tests take: the answer must leave nothing behind, whatever listens at Docker's address."""

import gc
import socket
import warnings
from pathlib import Path

import pytest

from tests.containers import found_images


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a short name: the path of a Unix socket has at most 107 letters."""
    return tmp_path_factory.mktemp("d")


def _told(host: str) -> str:
    """What is told of one address, with nothing left open: a forgotten socket is an error at the end of a test."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", ResourceWarning)
        images, told = found_images({"DOCKER_HOST": host})
        gc.collect()
    assert images is None
    return told


def test_nobody_at_the_address_is_no_engine(folder: Path) -> None:
    assert _told(f"unix://{folder}/nobody.sock") == "no Docker engine listens"


def test_somebody_who_is_no_engine_is_none(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(f"{folder}/d.sock")
        assert _told(f"unix://{folder}/d.sock") == "no Docker engine listens"


def test_embedded_parts_are_had_by_asking() -> None:
    images, told = found_images({"FENGQIAO_TEST_PARTS": "embedded", "DOCKER_HOST": "unix:///nobody.sock"})
    assert (images, told) == (None, "embedded parts are asked for")
