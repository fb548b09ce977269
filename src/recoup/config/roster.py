"""The programs of a house: how each is started, how one sees that it is well, and in which order they go."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from recoup.config.refusals import UnknownProgram


@dataclass(frozen=True, kw_only=True)
class Program:
    """`command` follows the Python interpreter. `door` names the port whose `/healthz` answers 200 when it is well;
    a program without a door is well once its heart beats. What has the higher rank stops earlier.
    """

    command: tuple[str, ...]
    rank: int
    door: str | None = None
    is_sandbox: bool = False
    has_heartbeat: bool = True
    stop_seconds: float = 10.0

    def argv(self) -> list[str]:
        return [sys.executable, *self.command]


SANDBOX, WORK, DOORS = 1, 2, 3

PROGRAMS: dict[str, Program] = {
    "provider": Program(command=("-m", "recoup_sandbox.provider"), rank=SANDBOX, door="provider", is_sandbox=True),
    "town": Program(command=("-m", "recoup_sandbox.town"), rank=SANDBOX, door="town", is_sandbox=True),
    "vault": Program(command=("-m", "recoup_vault"), rank=WORK, stop_seconds=20.0),
    "worker": Program(command=("-m", "recoup.config.programs.worker"), rank=WORK),
    "live": Program(command=("-m", "recoup.config.programs.live"), rank=DOORS, door="live"),
    "web": Program(command=("-m", "recoup.config.programs.web"), rank=DOORS, door="web"),
}


def program_of(name: str, roster: Mapping[str, Program] = PROGRAMS) -> Program:
    """The program that this is a copy of: `worker-2` is the second `worker`. Raises UnknownProgram."""
    kind = name.partition("-")[0]
    if kind not in roster:
        raise UnknownProgram(f"there is no program called {name!r}; there are {', '.join(roster)}")
    return roster[kind]


def copies_of(program: str, count: int) -> list[str]:
    """The names of this many copies: worker, worker-2, worker-3."""
    return [program, *(f"{program}-{number}" for number in range(2, count + 1))]
