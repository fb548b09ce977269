"""All rules over all files, with the allowances that lines give themselves."""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

from tools.lints import arrows, clocks, migrations, money, rows, shapes, transactions, words
from tools.lints.source import Finding, Source

PAGES = (arrows, clocks, migrations, money, rows, shapes, transactions, words)
#: These read text, so they look at every file.
OF_ANY_FILE = frozenset({words, shapes})
ALLOWANCE = re.compile(r"house: allow (?P<rule>[a-z-]+)(?: because (?P<reason>\S.{7,}))?")
TEXT_BYTES_MAX = 2_000_000
#: Data of the project, not pages or programs that people wrote here.
NOT_OURS = ("var/", "node_modules/")


def sources(root: Path) -> Iterator[Source]:
    """Every text file that git knows or would take, with its path from `root`."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for path in sorted(filter(None, listed.split("\0"))):
        source = read(root, path)
        if source is not None:
            yield source


def read(root: Path, path: str) -> Source | None:
    """One file; None when it is gone, is data, or is no text."""
    file = root / path
    if path.startswith(NOT_OURS) or not file.is_file() or file.stat().st_size > TEXT_BYTES_MAX:
        return None
    try:
        return Source(path=path, text=file.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        return None


def findings(all_sources: Iterable[Source]) -> list[Finding]:
    """What every rule finds, less what lines allow with a reason, plus allowances that are no good; in file order."""
    house = list(all_sources)
    found = [finding for source in house for finding in judge(source)]
    return sorted([*found, *migrations.check_all(house)])


def judge(source: Source) -> list[Finding]:
    """What the rules find in one file, its allowances taken into account."""
    try:
        found = _raw(source)
    except SyntaxError as error:
        return [Finding(source.path, error.lineno or 1, "syntax", str(error.msg))]
    return sorted(_after_allowances(source, found)) if source.is_python else sorted(found)


def _raw(source: Source) -> list[Finding]:
    pages = [page for page in PAGES if source.is_python or page in OF_ANY_FILE]
    return [finding for page in pages for finding in page.check(source)]


def _comments(source: Source) -> Iterator[tuple[int, str]]:
    for token in tokenize.generate_tokens(io.StringIO(source.text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def _after_allowances(source: Source, found: list[Finding]) -> Iterator[Finding]:
    allowances = {
        (number, match["rule"]): match["reason"]
        for number, comment in _comments(source)
        if (match := ALLOWANCE.search(comment))
    }
    used: set[tuple[int, str]] = set()
    for finding in found:
        # On the line itself, or in a comment of its own on the line above.
        places = [(finding.line, finding.rule)]
        above = source.lines[finding.line - 2].strip() if finding.line > 1 else ""
        if above.startswith("#"):
            places.append((finding.line - 1, finding.rule))
        granted = next((place for place in places if place in allowances), None)
        if granted is None:
            yield finding
        else:
            used.add(granted)
    for (number, rule), reason in allowances.items():
        if reason is None:
            yield Finding(source.path, number, "allowance", f"say why: # house: allow {rule} because <reason>")
        elif (number, rule) not in used:
            yield Finding(source.path, number, "allowance", f"nothing here breaks `{rule}`: delete the allowance")
