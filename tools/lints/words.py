"""What no file of the project says: where packages are fetched from, and how a page was written."""

import re
from collections.abc import Iterator

from tools.lints.source import Finding, Source

HOST = "registry-host"
LOCK = "lock-with-addresses"
WRITING = "about-the-writing"
RULES = (HOST, LOCK, WRITING)

#: In parts, so that this file does not name them either.
HOSTS = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pypi", "python", "org"),
        ("files", "pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("registry", "yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("security", "debian", "org"),
        ("proxy", "golang", "org"),
        ("crates", "io"),
    )
)
HOST_PATTERN = re.compile("|".join(rf"(?<![\w.-]){re.escape(host)}\b" for host in HOSTS), re.IGNORECASE)
OPTION_PATTERN = re.compile(r"--(extra-)?index" + r"-url\b|--find" + r"-links\b")
LOCKS_WITH_ADDRESSES = frozenset({"uv" + ".lock", "poetry" + ".lock", "Pipfile" + ".lock"})

#: A page is about Recoup, never about who or what helped to write it.
WRITING_PATTERN = re.compile(
    r"\b(A" + r"I|LL" + r"M|Chat" + r"GPT|Claud" + r"e|Copi" + r"lot|Open" + r"AI|Anthro" + r"pic"
    r"|AI[- ](assistant|generated|written)|coding (agent|assistant)s?|language model wrote)\b"
)
PROSE = (".md", ".rst", ".txt", ".html")


def check(source: Source) -> Iterator[Finding]:
    """Registry hosts anywhere, lock files that record addresses, pages that talk about their writing."""
    name = source.path.rpartition("/")[2]
    if name in LOCKS_WITH_ADDRESSES:
        yield Finding(source.path, 1, LOCK, "this lock records addresses: use requirements/*.in, locked by bin/lock")
    for number, line in enumerate(source.lines, start=1):
        if HOST_PATTERN.search(line):
            yield Finding(source.path, number, HOST, "no file names a package registry's host: name the package only")
        if OPTION_PATTERN.search(line) and source.path.startswith("requirements/"):
            yield Finding(source.path, number, HOST, "the machine knows its registry: leave the address out")
        if source.path.endswith(PROSE) and WRITING_PATTERN.search(line):
            yield Finding(source.path, number, WRITING, "a page is about Recoup, not about how it was written")
