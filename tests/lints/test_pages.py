"""The checks of the pages find what is wrong, and leave a page in order alone."""

import subprocess

import pytest

from tools import pages

README = "# Recoup\n\n![the page](page.png)\n\nStart it with `bin/up`, test it with `bin/test`.\n"
CHANGELOG = "# Changes\n\n## Unreleased\n\n- Refunds.\n\n## 0.1.0 · 2026-11-22\n"
DECISION = "# Rows\n## Context\n## Decision\n## Consequences\n## Alternatives weighed\n## Files\n"


@pytest.fixture
def project(tmp_path):
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)

    def write(**files):
        in_order = {
            "README.md": README,
            "CHANGELOG.md": CHANGELOG,
            "page.png": "",
            "docs/decisions/0001-rows.md": DECISION,
        }
        for name, text in {**in_order, **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        return list(pages.problems(tmp_path))

    return write


def test_pages_in_order_are_left_alone(project):
    assert project() == []


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("README.md", README.replace("bin/up", "make"), "bin/up"),
        ("README.md", README.replace("![", "["), "no picture"),
        ("CHANGELOG.md", "# Changes\n", "no section"),
        ("CHANGELOG.md", CHANGELOG.replace("2026-11-22", "soon"), "no release"),
        ("docs/tour.md", "See [the next page](gone.md).", "gone.md"),
        ("docs/decisions/rows.md", DECISION, "NNNN-title.md"),
        ("docs/decisions/0002-jobs.md", DECISION.replace("## Alternatives weighed\n", ""), "Alternatives"),
    ],
)
def test_what_is_wrong_is_said(project, name, text, problem):
    (said,) = project(**{name: text})

    assert said.startswith(name)
    assert problem in said


def test_links_inside_examples_are_not_followed(project):
    assert project(**{"docs/tour.md": "```text\n[x](gone.md)\n```\n[web](https://example.org) [top](#top)\n"}) == []
