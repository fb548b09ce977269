"""What the tests of the house share: a look at who is still there, and a free port."""

import contextlib
from pathlib import Path

import psutil
import pytest

from recoup.config import ports


def processes_of(data_dir: Path) -> list[psutil.Process]:
    """Everyone who has anything to do with the directory: by what they were told, called with, or stand in."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            told = " ".join([*process.environ().values(), *process.cmdline(), process.cwd()])
            if str(data_dir) in told and process.pid != psutil.Process().pid:
                found.append(process)
    return found


@pytest.fixture
def free_port():
    return ports.free_port()
