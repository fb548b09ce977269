"""`bin/recoup screenshots`: pictures of what somebody sees."""

import re
import subprocess
import sys

from PIL import Image


def asked(*words):
    command = [sys.executable, "-m", "recoup.config.cli", "screenshots", *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=280)


def test_a_stranger_s_pages_are_taken_on_phone_and_desktop_and_shown_together(tmp_path):
    album = tmp_path / "album"

    finished = asked(album, "--only", "stranger")

    assert finished.returncode == 0, finished.stderr
    shown = re.findall(r'src="([^"]+)"', (album / "index.html").read_text())
    assert len(shown) >= 12
    assert {path.name for path in album.glob("*.png")} == set(shown)
    for kind, width in (("phone", 390), ("desktop", 1280)):
        with Image.open(album / next(name for name in shown if name.endswith(f"front-{kind}.png"))) as picture:
            assert picture.width == width


def test_nothing_of_somebody_else_is_deleted(tmp_path):
    (tmp_path / "holiday.png").write_bytes(b"sun")

    finished = asked(tmp_path)

    assert finished.returncode == 1
    assert "holiday.png" in finished.stderr
    assert (tmp_path / "holiday.png").read_bytes() == b"sun"
