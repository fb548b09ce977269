"""Every page of the project that shows commands or Python tells the truth."""

import re

import pytest

from tests.docs.blocks import blocks_of
from tests.docs.runner import ROOT, Place, run_page

RUN = {"console", "python"}
#: A page with one of these in what it runs needs a running house.
NEEDS_A_HOUSE = re.compile(r"^\$ bin/(up|down)|bin/recoup|(127\.0\.0\.1|localhost):800\d|var/recoup", re.MULTILINE)


def _pages():
    everything = [
        ROOT / "README.md",
        *sorted((ROOT / "docs").rglob("*.md")),
        *sorted((ROOT / "examples").rglob("*.md")),
        *sorted((ROOT / "clients").rglob("*.md")),
    ]
    return [page for page in everything if page.exists() and RUN & {block.kind for block in blocks_of(page)}]


@pytest.mark.parametrize("page", _pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_what_the_page_says_happens(page, request):
    run = "\n".join(block.text for block in blocks_of(page) if block.kind in RUN)
    place = request.getfixturevalue("place") if NEEDS_A_HOUSE.search(run) else Place()

    assert run_page(page, place) > 0


def test_the_readme_shows_commands_that_run():
    kinds = {block.kind for block in blocks_of(ROOT / "README.md")}

    assert kinds & RUN, "README.md has no ```console and no ```python block"
