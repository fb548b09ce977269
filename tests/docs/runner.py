"""Runs one page from top to bottom, as a reader would who types along.

All console blocks of a page share one bash, all python blocks one Python, both in the project's folder. The pages speak
of Recoup where a reader finds it (port 8000, var/recoup); `Place` says where it is in this run, in both directions.
"""

import json
import os
import re
import secrets
import selectors
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.docs.blocks import Block, Command, blocks_of, commands_of, matches

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS_MAX = 120.0
#: The fixture starts and stops the house; what these print while they do it is compared with what it kept.
HOUSEKEEPING = re.compile(r"^bin/(?P<verb>up|down)\b")
OWN_COMMAND = re.compile(r"(bin/recoup\b(?:[^|;&<>()`\n\\]|\\\n)*)")


class PageIsWrong(AssertionError):
    """The page says one thing and Recoup does another."""


@dataclass(frozen=True)
class Place:
    """Where the house of this run is. `as_documented`: what the page says -> what is true here."""

    as_documented: Mapping[str, str] = field(default_factory=dict)
    data_dir: Path | None = None
    said_by_up: str = ""

    def translate(self, text: str) -> str:
        """The page's words as they are true here."""
        for documented, here in self.as_documented.items():
            text = text.replace(documented, here)
        if self.data_dir:
            text = OWN_COMMAND.sub(lambda match: f"{match[1].rstrip()} --data-dir {self.data_dir} ", text)
        return text

    def translate_back(self, printed: str) -> str:
        """What was printed here as a reader of the page would see it."""
        for documented, here in self.as_documented.items():
            printed = printed.replace(here, documented)
        return printed


def run_page(page: Path, place: Place) -> int:
    """Everything the page claims is true; gives the number of claims checked. Raises PageIsWrong."""
    claims = 0
    with _shell() as shell, _python() as python:
        blocks = blocks_of(page)
        for block, following in zip(blocks, [*blocks[1:], None], strict=True):
            where = f"{page.relative_to(ROOT) if page.is_relative_to(ROOT) else page}:{block.line}"
            if block.kind == "console":
                for command in commands_of(block):
                    _check_command(shell, command, place, where)
                    claims += 1
            elif block.kind == "python" and block.subject:
                _check_quotation(block, where)
                claims += 1
            elif block.kind == "python":
                promised = following.text if following and following.kind == "output" else None
                _check_python(python, block, promised, place, where)
                claims += 1
    return claims


def _check_command(shell: subprocess.Popen, command: Command, place: Place, where: str) -> None:
    housekeeping = HOUSEKEEPING.match(command.text)
    if housekeeping:
        printed, code = (place.said_by_up if housekeeping["verb"] == "up" else ""), 0
    else:
        printed, code = _say(shell, place.translate(command.text))
    printed = place.translate_back(printed)
    if code != command.exit_code:
        raise PageIsWrong(f"{where}: `{command.text}` exited with {code}, not {command.exit_code}:\n{printed}")
    promised = "\n".join(command.expected)
    is_silent_down = housekeeping and housekeeping["verb"] == "down"
    if promised.strip() and not is_silent_down and not matches(promised, printed):
        raise PageIsWrong(f"{where}: `{command.text}`\n── the page says\n{promised}\n── it prints\n{printed}")


def _check_python(python: subprocess.Popen, block: Block, promised: str | None, place: Place, where: str) -> None:
    assert python.stdin
    python.stdin.write(json.dumps(place.translate(block.text)).encode() + b"\n")
    answer = json.loads(_line(python, COMMAND_SECONDS_MAX, where))
    printed = place.translate_back(answer["printed"])
    if not answer["is_right"]:
        raise PageIsWrong(f"{where}: the code does not do what the page says:\n{printed}")
    if promised is not None and not matches(promised, printed):
        raise PageIsWrong(f"{where}:\n── the page says\n{promised}\n── it prints\n{printed}")


def _check_quotation(block: Block, where: str) -> None:
    file = ROOT / block.subject
    if not file.is_file():
        raise PageIsWrong(f"{where}: quotes {block.subject}, which is not there")
    there = iter(line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    for line in filter(None, (line.strip() for line in block.text.splitlines())):
        if line not in {"...", "# ..."} and line not in there:
            raise PageIsWrong(f"{where}: quotes {block.subject}, which does not say (in this order): {line}")


def _say(shell: subprocess.Popen, text: str) -> tuple[str, int]:
    """Type one command and read until it is done: what it printed, and its exit code."""
    assert shell.stdin
    end = f"done-{secrets.token_hex(8)}"
    shell.stdin.write(f"{{ {text}\n}} </dev/null\nprintf '\\n{end} %s\\n' $?\n".encode())
    lines: list[str] = []
    deadline = time.monotonic() + COMMAND_SECONDS_MAX
    while True:
        line = _line(shell, deadline - time.monotonic(), text)
        if line.startswith(f"{end} "):
            return "".join(lines).removesuffix("\n"), int(line.split()[1])
        lines.append(line)


def _line(process: subprocess.Popen, seconds: float, what: str) -> str:
    """The next line the process prints. The pipe is unbuffered, so nothing is read ahead of the selector."""
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        if seconds <= 0 or not selector.select(seconds):
            raise PageIsWrong(f"{what}: was not done after {COMMAND_SECONDS_MAX:.0f} s")
    line = process.stdout.readline().decode(errors="replace")
    if not line:
        raise PageIsWrong(f"{what}: ended the whole session")
    return line


@contextmanager
def _shell() -> Iterator[subprocess.Popen]:
    with _started(["bash", "--norc"], {"PS1": ""}) as process:
        yield process


@contextmanager
def _python() -> Iterator[subprocess.Popen]:
    with _started(
        [sys.executable, "-m", "tests.docs.interpreter"], {"PYTHONPATH": f"{ROOT}:{ROOT / 'clients/python/src'}"}
    ) as process:
        yield process


@contextmanager
def _started(command: list[str], extra: Mapping[str, str]) -> Iterator[subprocess.Popen]:
    here = {**os.environ, **extra, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "NO_COLOR": "1"}
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        command, bufsize=0, cwd=ROOT, env=here, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()
