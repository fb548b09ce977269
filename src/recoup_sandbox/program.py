"""What the practice programs have in common: settings from the environment, heartbeats, a clean stop."""

import asyncio
import contextlib
import logging
import os
import signal
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from recoup_sandbox.heartbeat import fall_silent, keep_beating


def directory() -> Path:
    """`RECOUP_SANDBOX_DIR`, where the practice world keeps its files."""
    return Path(os.environ.get("RECOUP_SANDBOX_DIR", "var/recoup/sandbox"))


def port(name: str, default: int) -> int:
    """A port from the environment; 0 lets the system choose."""
    return int(os.environ.get(name, default))


def set_up_logging() -> None:
    """Warnings to standard error; RECOUP_LOG_LEVEL says otherwise."""
    level = os.environ.get("RECOUP_LOG_LEVEL", "WARNING").upper()
    logging.basicConfig(level=level, format="%(asctime)s %(levelname)s %(name)s %(message)s")


async def run_until_told(program: str, *duties: Coroutine[Any, Any, None]) -> None:
    """Run the duties and beat until SIGTERM or SIGINT; a duty that ends or breaks ends the program."""
    told_to_stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told_to_stop.set)
    tasks = [asyncio.create_task(duty) for duty in (*duties, keep_beating(program))]
    stop = asyncio.create_task(told_to_stop.wait())
    done, _ = await asyncio.wait([*tasks, stop], return_when=asyncio.FIRST_COMPLETED)
    for task in (*tasks, stop):
        task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, stop, return_exceptions=True)
    fall_silent(program)
    for task in done - {stop}:
        task.result()


def announce(program: str, **addresses: str) -> None:
    """One line on standard output once the program can be used."""
    print(program, "ready", *(f"{name}={address}" for name, address in addresses.items()), flush=True)
