"""Every line of the yardstick says what shows it, and that is there."""

import re
from pathlib import Path

from proofs.attacks.program import modules

PROJECT = Path(__file__).resolve().parents[2]
PATH = re.compile(r"`((?:tests|proofs|requirements|web|config)(?:/[\w.-]+)+)`")
NOT_USED = "V17 WebRTC"


def rows():
    lines = (PROJECT / "docs/asvs.md").read_text().splitlines()
    return [line.strip("| ").split(" | ") for line in lines if re.match(r"\| V\d", line)]


def test_every_chapter_names_its_proof():
    chapters = {row[0]: row[1] for row in rows()}

    without = [name for name, told in chapters.items() if not PATH.search(told) and not re.search(r"A-\d\d", told)]

    assert len(chapters) == 17
    assert without == [NOT_USED]


def test_what_the_chapters_name_is_there():
    told = (PROJECT / "docs/asvs.md").read_text()

    assert [path for path in PATH.findall(told) if not (PROJECT / path).exists()] == []
    assert set(re.findall(r"A-\d\d", told)) <= set(modules())
