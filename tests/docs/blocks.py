"""What a page of documentation claims: its fenced blocks, in order.

    ```console       commands after `$ `, each followed by what it prints; `...` stands for anything
    ```python        runs in one Python per page; a block of `>>>` lines shows its output like a doctest
    ```output        what the python block right above it prints
    ```python of src/recoup/refunds/states.py     a quotation: these lines stand in that file, in this order

Every other kind of block (text, mermaid, json...) is only looked at by people.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)$")
EXITS = re.compile(r"\s+# exits (?P<code>\d+)$")
ANYTHING = "..."


@dataclass(frozen=True)
class Block:
    """One fenced block; `line` is that of its opening fence."""

    line: int
    kind: str
    subject: str
    text: str


@dataclass
class Command:
    """One `$ ` command of a console block, with the output that the page promises."""

    line: int
    text: str
    expected: list[str] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """0, unless the page says `# exits 1` after the command."""
        said = EXITS.search(self.text)
        return int(said["code"]) if said else 0


def blocks_of(page: Path) -> list[Block]:
    """Every fenced block of a page, top to bottom."""
    found: list[Block] = []
    opening: re.Match[str] | None = None
    start, body = 0, []
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), start=1):
        fence = FENCE.match(line)
        if opening is None:
            if fence:
                opening, start, body = fence, number, []
        elif fence and fence["ticks"] == opening["ticks"] and not fence["info"].strip():
            kind, _, subject = opening["info"].strip().partition(" of ")
            found.append(Block(start, kind.strip(), subject.strip(), "\n".join(body)))
            opening = None
        else:
            body.append(line.removeprefix(opening["indent"]))
    return found


def commands_of(block: Block) -> list[Command]:
    """The commands of a console block. A trailing backslash or a `> ` line carries a command on."""
    commands: list[Command] = []
    for number, line in enumerate(block.text.splitlines(), start=block.line + 1):
        last = commands[-1] if commands else None
        if line.startswith("$ "):
            commands.append(Command(number, line[2:]))
        elif last is None:
            raise ValueError(f"line {number}: a console block starts with a `$ ` command")
        elif not last.expected and (last.text.endswith("\\") or line.startswith("> ")):
            last.text += "\n" + line.removeprefix("> ")
        else:
            last.expected.append(line)
    return commands


def matches(expected: str, printed: str) -> bool:
    """True when `printed` is what the page promises; `...` stands for anything, whitespace at line ends for nothing."""
    wanted, got = (_trimmed(text) for text in (expected, printed))
    pattern = ".*?".join(re.escape(piece) for piece in wanted.split(ANYTHING))
    return re.fullmatch(pattern, got, re.DOTALL) is not None


def _trimmed(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())
