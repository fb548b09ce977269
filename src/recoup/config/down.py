"""`bin/down`: stops the house that runs on a data directory, and what a killed supervisor may have left of one."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from recoup.config import processes
from recoup.config.cluster import Cluster
from recoup.config.house import DEFAULT_DATA_DIR, House, HouseLock
from recoup.config.opening import clear_leftovers
from recoup.config.refusals import Refusal
from recoup.config.running import Running

STOPPED_SECONDS_MAX = 120.0


class NotYours(Refusal):
    """The running house belongs to another user of the machine."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0: nothing runs on the data directory (any more); 1: refused."""
    parser = argparse.ArgumentParser(prog="bin/down", description="Stops Recoup. The data is kept.")
    parser.add_argument("--data-dir", type=Path, default=DEFAULT_DATA_DIR, help="the data directory it runs on")
    house = House(parser.parse_args(arguments).data_dir.resolve())
    try:
        print(stop(house))
    except Refusal as refusal:
        print(f"Recoup was not stopped. {refusal}", file=sys.stderr)
        return 1
    return 0


def stop(house: House) -> str:
    """Nothing of the house runs afterwards; in words, what was done. Raises NotYours, DataDirectoryInUse."""
    running = house.running()
    if running is not None:
        _ask(running)
        if processes.wait_until(lambda: not running.supervisor.is_alive(), seconds=STOPPED_SECONDS_MAX):
            return f"Recoup on {house.data_dir} has stopped; the data is kept."
        with contextlib.suppress(ProcessLookupError):
            os.kill(running.supervisor.pid, signal.SIGKILL)
    if not house.marker.exists():
        return f"No Recoup is running on {house.data_dir}."
    return _clear(house)


def _ask(running: Running) -> None:
    try:
        os.kill(running.supervisor.pid, signal.SIGTERM)
    except ProcessLookupError:
        return
    except PermissionError:
        raise NotYours(f"process {running.supervisor.pid} belongs to another user: stop it as that user.") from None


def _clear(house: House) -> str:
    """What a killed supervisor left: its programs, and PostgreSQL with a clean shutdown."""
    lock = HouseLock(house)
    lock.take()
    try:
        cleared = clear_leftovers(house)
        if house.postgres.exists():
            cluster = Cluster(directory=house.postgres, log=house.logs / "postgres.log", port=0, superuser_password="")
            cleared += cluster.stop_leftover()
        house.run_file.unlink(missing_ok=True)
    finally:
        lock.release()
    if cleared:
        return f"Recoup on {house.data_dir} had lost its supervisor; what was left of it has stopped."
    return f"No Recoup is running on {house.data_dir}."


if __name__ == "__main__":
    sys.exit(main())
