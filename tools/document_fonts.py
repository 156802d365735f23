"""Make the font that documents are set in: Noto Sans SC with the characters of GB 2312, so that no machine needs one.

`make fonts` fetches the font in its pinned version from npm, holds it to its hash, and cuts it down from 10 to 2 MB.
The result is committed. Names with rarer characters need the whole font; documents that show them will bring it.
"""

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from fontTools import subset

ROOT = Path(__file__).resolve().parent.parent
FONTS = ROOT / "services" / "fengqiao" / "insight" / "fonts"
PACKAGE = "@expo-google-fonts/noto-sans-sc@0.4.3"
SOURCE = "package/400Regular/NotoSansSC_400Regular.ttf"
LICENCE = "package/LICENSE_FONT"
SOURCE_SHA256 = "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16"
SIGNS = "·–—‘’“”…▲▼●○′″℃№①②③④⑤⑥⑦⑧⑨⑩"


def wanted() -> set[int]:
    """Give the characters: ASCII, all of GB 2312, and the signs of our documents."""
    found = set(range(0x20, 0x7F)) | set(map(ord, SIGNS))
    for high in range(0xA1, 0xF8):
        for low in range(0xA1, 0xFF):
            found |= set(map(ord, bytes((high, low)).decode("gb2312", "ignore")))
    return found


def cut_down(source: Path, target: Path) -> None:
    """Write a font with the wanted characters only."""
    options = subset.Options(hinting=False, layout_features=["kern", "locl"], notdef_outline=True)
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    subset.save_font(font, str(target), options)


def main() -> int:
    """Fetch, check, cut down."""
    FONTS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        packed = subprocess.run(
            ["npm", "pack", "--silent", PACKAGE], cwd=folder, check=True, capture_output=True, text=True
        ).stdout.strip()
        with tarfile.open(Path(folder) / packed) as archive:
            archive.extract(SOURCE, folder, filter="data")
            archive.extract(LICENCE, folder, filter="data")
        source = Path(folder) / SOURCE
        found = hashlib.sha256(source.read_bytes()).hexdigest()
        if found != SOURCE_SHA256:
            print(f"{SOURCE} has the hash {found}, not {SOURCE_SHA256}", file=sys.stderr)
            return 1
        cut_down(source, FONTS / "NotoSansSC-GB2312.ttf")
        (FONTS / "OFL.txt").write_bytes((Path(folder) / LICENCE).read_bytes())
    print(f"{FONTS.relative_to(ROOT)}: {PACKAGE}, {(FONTS / 'NotoSansSC-GB2312.ttf').stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
