"""Find an nginx for the test of the proxy that docs/limits.md shows, or unpack Debian's. Standard library only.

Debian's package is unpacked into `.venv`, not installed: nothing is started, nothing is changed outside the checkout,
and no privilege is needed. Where there is none, the test is left out, and the gate says so by name.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

UNPACKED = Path(sys.prefix) / "nginx" / "usr" / "sbin" / "nginx"


class NoNginx(Exception):
    """There is no nginx and none could be had; the message says why."""


def find() -> Path | None:
    """The nginx of this machine, or the one that was unpacked before, when it starts."""
    for candidate in (shutil.which("nginx"), shutil.which("/usr/sbin/nginx"), str(UNPACKED)):
        if candidate and shutil.which(candidate) and _says([candidate, "-v"]).returncode == 0:
            return Path(candidate)
    return None


def ensure() -> Path:
    """An nginx that starts. Raises NoNginx."""
    found = find() or _unpack()
    if found is None:
        raise NoNginx("Debian's nginx does not start here. Install nginx to have the proxy of docs/limits.md tested.")
    return found


def _unpack() -> Path | None:
    if shutil.which("apt-get") is None or shutil.which("dpkg") is None:
        raise NoNginx(
            "no nginx, and no apt-get to fetch one. Install nginx to have the proxy of docs/limits.md tested."
        )
    with tempfile.TemporaryDirectory() as folder:
        fetched = _says(["apt-get", "download", "-qq", "nginx"], folder)
        packages = list(Path(folder).glob("nginx_*.deb"))
        if fetched.returncode != 0 or not packages:
            raise NoNginx(f"apt-get download nginx did not give one: {fetched.stderr.strip()[-300:]}")
        unpacked = _says(["dpkg", "-x", str(packages[0]), str(UNPACKED.parents[2])])
        if unpacked.returncode != 0:
            raise NoNginx(f"dpkg could not unpack nginx: {unpacked.stderr.strip()[-300:]}")
    return find()


def _says(command: list[str], folder: str | None = None) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, cwd=folder, timeout=120
        )
    except subprocess.TimeoutExpired:
        return subprocess.CompletedProcess(command, 1, "", "no answer within two minutes")
