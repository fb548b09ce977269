"""Starts the practice programs for tests: each on a port the system chose, in a directory of its own."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[2] / "src"


@dataclass
class Program:
    """A running practice program."""

    process: subprocess.Popen[str]
    directory: Path
    addresses: dict[str, str]

    @property
    def url(self) -> str:
        return self.addresses["url"]

    def call(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
        """The JSON answer of a control call; an error answer comes back as (status, JSON)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path: str) -> Any:
        return self.call("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self.call("POST", path, body or {})

    def stop(self) -> int:
        """Ask it to end, as a supervisor would. Returns its exit status."""
        self.process.terminate()
        status = self.process.wait(timeout=10)
        assert self.process.stdout
        self.process.stdout.close()
        return status

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(timeout=10)
        assert self.process.stdout
        self.process.stdout.close()


def start(module: str, directory: Path, **settings: str) -> Program:
    """Start `python -m module` and wait until it says that it is ready."""
    ports = {"RECOUP_PROVIDER_PORT": "0", "RECOUP_TOWN_PORT": "0", "RECOUP_SMTP_PORT": "0"}
    environment = {**os.environ, "PYTHONPATH": str(SOURCE), "RECOUP_SANDBOX_DIR": str(directory), **ports, **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", module], env=environment, stdout=subprocess.PIPE, text=True, cwd=directory
    )
    assert process.stdout
    words = process.stdout.readline().split()
    assert words[1:2] == ["ready"], f"{module} did not start: {words}"
    return Program(process, directory, dict(word.split("=", 1) for word in words[2:]))
