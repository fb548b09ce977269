"""What must be true of the pages: README and CHANGELOG say what they are for, and no link leads nowhere."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
DECISION = re.compile(r"^\d{4}-[a-z0-9-]+\.md$")
DECISION_PARTS = ("Context", "Decision", "Consequences", "Alternatives", "Files")
RELEASE = re.compile(r"^## (Unreleased|\d+\.\d+\.\d+ · \d{4}-\d{2}-\d{2})$")


def report(root: Path) -> bool:
    """Print every problem; True when there is none."""
    found = list(problems(root))
    for problem in found:
        print(problem)
    print(f"pages: {len(found)} findings")
    return not found


def problems(root: Path) -> Iterator[str]:
    """Everything that is wrong with the pages under `root`."""
    yield from _readme(root)
    yield from _changelog(root)
    for page in _markdown(root):
        yield from _links(root, page)
    for page in sorted((root / "docs" / "decisions").glob("*.md")):
        yield from _decision(root, page)


def _readme(root: Path) -> Iterator[str]:
    readme = root / "README.md"
    text = readme.read_text() if readme.exists() else ""
    for wanted in ("bin/up", "bin/test"):
        if wanted not in text:
            yield f"README.md: does not tell about {wanted}"
    if "![" not in text:
        yield "README.md: shows no picture of the product"


def _changelog(root: Path) -> Iterator[str]:
    changelog = root / "CHANGELOG.md"
    if not changelog.exists():
        yield "CHANGELOG.md: is missing"
        return
    headings = [line for line in changelog.read_text().splitlines() if line.startswith("## ")]
    if not headings:
        yield "CHANGELOG.md: has no section; the newest is `## Unreleased`"
    yield from (f"CHANGELOG.md: `{heading}` is no release" for heading in headings if not RELEASE.match(heading))


def _links(root: Path, page: Path) -> Iterator[str]:
    for match in LINK.finditer(FENCE.sub("", page.read_text())):
        target = match["target"].partition("#")[0]
        is_elsewhere = not target or "://" in target or target.startswith(("mailto:", "/"))
        if not is_elsewhere and not (page.parent / target).exists():
            yield f"{page.relative_to(root)}: links to {target}, which is not there"


def _decision(root: Path, page: Path) -> Iterator[str]:
    place = page.relative_to(root)
    if page.name in {"README.md", "index.md"}:
        return
    if not DECISION.match(page.name):
        yield f"{place}: a decision is called NNNN-title.md"
    headings = " ".join(line.lstrip("# ") for line in page.read_text().splitlines() if line.startswith("#"))
    missing = [part for part in DECISION_PARTS if part.lower() not in headings.lower()]
    if missing:
        yield f"{place}: has no part called {', '.join(missing)}"


def _markdown(root: Path) -> list[Path]:
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [root / path for path in sorted(filter(None, listed.split("\0"))) if (root / path).is_file()]
