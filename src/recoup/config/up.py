"""`bin/up`: opens the house, keeps it open, closes it. With --detach a process in the background keeps it."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from rich.console import Console

from recoup.config import summary
from recoup.config.house import DEFAULT_DATA_DIR, RESERVED, ROLE_OF, House
from recoup.config.opening import OpenHouse, Plan
from recoup.config.refusals import Refusal
from recoup.config.roster import PROGRAMS, Program

INTERRUPTED = 130


def main(
    arguments: Sequence[str] | None = None, *, roster: Mapping[str, Program] = PROGRAMS, with_database_work: bool = True
) -> int:
    """Exit code 0: the house was open and is closed, or with --detach: is open; 1: refused; 130: interrupted.

    Another roster of programs, and a start without migrations and demo world, are for tests.
    """
    asked = _parser().parse_args(arguments)
    house = House(asked.data_dir.resolve())
    keeper = _fork_keeper() if asked.detach else None
    console = Console(highlight=False, soft_wrap=True)
    if keeper is not None:
        return _wait_for_keeper(*keeper, house, console)
    try:
        plan = replace(_plan(asked, roster), with_migrations=with_database_work)
        plan = replace(plan, with_demo=plan.with_demo and with_database_work)
        return _Keeper(house, plan, console, is_in_background=asked.detach).keep()
    except Refusal as refusal:
        console.print(f"\n[bold red]Recoup did not start.[/] {summary.plain(str(refusal))}\n")
        return 1
    except KeyboardInterrupt:
        console.print("Interrupted; nothing is left running.")
        return INTERRUPTED


class _Keeper:
    """Opens the house, watches it until a signal, closes it. A signal while it opens ends the opening cleanly."""

    def __init__(self, house: House, plan: Plan, console: Console, *, is_in_background: bool) -> None:
        self._started_at = time.monotonic()
        self._console = console
        self._is_in_background = is_in_background
        self._is_opening = True
        self._open_house = OpenHouse(house, plan, tell=self._tell)
        self._house = house

    def keep(self) -> int:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._on_signal)
        self._open_house.open()
        self._is_opening = False
        if self._is_in_background:
            self._leave_terminal()
        else:
            summary.show(self._console, self._house, self._open_house.running, stop_by="Ctrl-C stops everything.")
        try:
            self._open_house.watch()
            self._tell("stopping")
        finally:
            self._open_house.close()
        self._tell("stopped; the data is kept")
        return 0

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        """Once is enough: while everything stops, which has its time limits, further signals change nothing."""
        was_opening, self._is_opening = self._is_opening, False
        self._open_house.ask_to_close()
        if was_opening:
            raise KeyboardInterrupt

    def _tell(self, line: str) -> None:
        seconds = time.monotonic() - self._started_at
        stamp = f"{seconds:6.1f} s" if seconds < 3600 else time.strftime("%H:%M:%S")
        self._console.print(f"[dim]{stamp}[/]  {summary.plain(line)}")

    def _leave_terminal(self) -> None:
        """Whoever waits for us sees the end of what we say, and knows by it that the house is ready."""
        log = os.open(self._house.logs / "supervisor.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.close(log)


def _fork_keeper() -> tuple[int, int] | None:
    """In the process that waits: the keeper's number, and the pipe to what it says. In the keeper: None.

    The keeper is a fork, not a second start of the program, which would cost half a second more. Nothing was started
    yet, so there is no thread that it could lose. It has a session of its own: Ctrl-C in the terminal is not for it.
    """
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    number = os.fork()
    if number:
        os.close(writing)
        return number, reading
    os.setsid()
    nothing = os.open(os.devnull, os.O_RDONLY)
    for ours, standard in ((nothing, 0), (writing, 1), (writing, 2)):
        os.dup2(ours, standard)
    for ours in (nothing, reading, writing):
        os.close(ours)
    return None


def _wait_for_keeper(number: int, said: int, house: House, console: Console) -> int:
    """Passes on what the keeper says until it is ready or has given up."""
    try:
        with os.fdopen(said) as lines:
            for line in lines:
                sys.stdout.write(line)
                sys.stdout.flush()
        running = house.running()
        if running is None or running.state != "ready" or running.supervisor.pid != number:
            return os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) or 1
    except KeyboardInterrupt:
        os.kill(number, signal.SIGTERM)
        os.waitpid(number, 0)
        console.print("Interrupted; nothing is left running.")
        return INTERRUPTED
    summary.show(console, house, running, stop_by=f"{summary.command('down', house)} stops everything.")
    return 0


def _plan(asked: argparse.Namespace, roster: Mapping[str, Program]) -> Plan:
    return Plan(
        programs=tuple(name for name, program in roster.items() if asked.demo or not program.is_sandbox),
        roster=roster,
        mode="demo" if asked.demo else "production",
        host=asked.host,
        port=asked.port,
        public_url=asked.public_url,
        live_url=asked.live_url,
        owner_url=os.environ.get("DATABASE_URL") or None,
        with_demo=asked.demo,
        settings={
            name: value for name, value in os.environ.items() if name.startswith("RECOUP_") and name not in RESERVED
        },
        program_settings=_own_secret_key(),
    )


def _own_secret_key() -> dict[str, dict[str, str]]:
    """An operator's own RECOUP_SECRET_KEY takes the place of the one in secrets.json, for the product's programs."""
    own = os.environ.get("RECOUP_SECRET_KEY")
    return {name: {"RECOUP_SECRET_KEY": own} for name in ROLE_OF if name != "vault"} if own else {}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/up",
        description="Starts Recoup: database, programs, and unless --no-demo, a practice world to try it with.",
        epilog="DATABASE_URL in the environment: use that PostgreSQL (15 or newer; as the owner of the database) "
        "instead of the embedded one. Other RECOUP_... settings in the environment are passed on to the programs.",
    )
    parser.add_argument("--port", type=int, default=8000, help="the web address (default 8000); the other programs "
                        "take the next five ports, or others where those are taken")  # fmt: skip
    parser.add_argument("--host", default="127.0.0.1", help="where to listen (default 127.0.0.1: this machine only)")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_DATA_DIR, help="where everything is kept")
    parser.add_argument("--detach", action="store_true", help="come back when it is healthy; bin/down stops it")
    parser.add_argument(
        "--public-url",
        default=os.environ.get("RECOUP_PUBLIC_URL"),
        help="the address people use, when a proxy stands in front",
    )
    parser.add_argument(
        "--live-url",
        default=os.environ.get("RECOUP_LIVE_URL"),
        help="the public address of the live updates, when a proxy stands in front",
    )
    parser.add_argument("--no-demo", dest="demo", action="store_false", help="production: no practice world",
                        default=os.environ.get("RECOUP_MODE") != "production")  # fmt: skip
    return parser


if __name__ == "__main__":
    sys.exit(main())
