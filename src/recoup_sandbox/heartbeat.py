"""A sign of life for the supervisor: one file per program whose age tells whether the work loop still turns."""

import asyncio
import os
from pathlib import Path

EVERY_S = 1.0


def beat(program: str) -> None:
    """Touch `<RECOUP_HEARTBEAT_DIR>/<program>-<pid>`; without that setting nobody watches and nothing is written."""
    directory = os.environ.get("RECOUP_HEARTBEAT_DIR")
    if directory:
        Path(directory).mkdir(parents=True, exist_ok=True)
        Path(directory, f"{program}-{os.getpid()}").touch()


async def keep_beating(program: str) -> None:
    """Beat from inside the event loop, so that a blocked loop goes quiet. Runs until it is cancelled."""
    while True:
        beat(program)
        await asyncio.sleep(EVERY_S)


def fall_silent(program: str) -> None:
    """Remove the sign of life at a clean stop, so that the supervisor does not mourn a program that said goodbye."""
    directory = os.environ.get("RECOUP_HEARTBEAT_DIR")
    if directory:
        Path(directory, f"{program}-{os.getpid()}").unlink(missing_ok=True)
