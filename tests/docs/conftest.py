"""One house for all pages, started by the very command that the pages tell the reader to type."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from tests.docs.runner import ROOT, Place

START_SECONDS_MAX = 300


@pytest.fixture(scope="session")
def place(tmp_path_factory):
    """A running house on free ports and a directory of its own; stopped by `bin/down` at the end."""
    data_dir = tmp_path_factory.mktemp("house") / "recoup"
    where = ["--data-dir", str(data_dir)]
    started = subprocess.run(
        ["bin/up", "--detach", "--port", str(_free_port()), *where],
        cwd=ROOT, capture_output=True, text=True, timeout=START_SECONDS_MAX, check=False,
    )  # fmt: skip
    assert started.returncode == 0, f"bin/up did not start:\n{started.stdout}{started.stderr}"
    try:
        yield _place(data_dir, started.stdout)
    finally:
        stopped = subprocess.run(["bin/down", *where], cwd=ROOT, capture_output=True, text=True, check=False)
    assert stopped.returncode == 0, f"bin/down did not stop it:\n{stopped.stdout}{stopped.stderr}"


def _place(data_dir: Path, said: str) -> Place:
    """The addresses that the pages name (see docs/contributing/testing.md), and those of this run."""
    ports = json.loads((data_dir / "run.json").read_text())["ports"]
    documented = {"web": 8000, "live": 8001, "provider": 8002, "town": 8003}
    addresses = {f"127.0.0.1:{port}": f"127.0.0.1:{ports[name]}" for name, port in documented.items()}
    names = {f"localhost:{port}": f"127.0.0.1:{ports[name]}" for name, port in documented.items()}
    place = Place(as_documented={**names, **addresses, "var/recoup": str(data_dir)}, data_dir=data_dir)
    return Place(place.as_documented, data_dir, said_by_up=place.translate_back(said))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
