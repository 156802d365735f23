"""The releases that are kept, for tests that hold ours against the one before (`python -m tools.release_archive`)."""

import re
import zipfile
from pathlib import Path

from packaging.version import Version

FOLDER = Path(__file__).parent
MIGRATION = re.compile(r"fengqiao/store/migrations/(\d{4}_\w+)\.sql")
STATEMENTS = "fengqiao/store/sql/"


def version_in(path: Path) -> str:
    """The version that a kept release's name says."""
    return path.stem.removeprefix("fengqiao-")


def previous_archive() -> Path:
    """The newest release that is kept."""
    return max(FOLDER.glob("fengqiao-*.zip"), key=lambda path: Version(version_in(path)))


def texts_in(archive: Path) -> dict[str, str]:
    """Every SQL file of a release by its name in the package."""
    with zipfile.ZipFile(archive) as kept:
        return {name: kept.read(name).decode() for name in kept.namelist() if name.endswith(".sql")}


def migrations_in(archive: Path) -> dict[str, str]:
    """The migrations of a release by their names."""
    found = {MIGRATION.fullmatch(name): text for name, text in texts_in(archive).items()}
    return {match.group(1): text for match, text in found.items() if match}


def statements_in(archive: Path) -> str:
    """All statements of a release, as one text."""
    return "\n".join(text for name, text in texts_in(archive).items() if name.startswith(STATEMENTS))


def unpacked(archive: Path, folder: Path) -> Path:
    """Unpacks a release into a folder, which can then be a source root."""
    with zipfile.ZipFile(archive) as kept:
        kept.extractall(folder)
    return folder
