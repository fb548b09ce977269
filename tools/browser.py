"""Find a Chromium for the browser journeys, or get one from Debian's package manager. Standard library only.

`RECOUP_CHROMIUM` names the program when it is in an unusual place.
"""

import os
import shutil
import subprocess
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGES = ("chromium", "fonts-dejavu-core")


class NoBrowser(Exception):
    """There is no Chromium and we may not install one; the message says what to type."""


def find() -> Path | None:
    """The Chromium on this machine, if there is one."""
    named = os.environ.get("RECOUP_CHROMIUM")
    for candidate in (named,) if named else NAMES:
        found = shutil.which(candidate)
        if found:
            return Path(found)
    return None


def ensure() -> Path:
    """A Chromium that starts; installed by Debian's package manager when that is allowed without asking.

    Raises NoBrowser.
    """
    browser = find() or _install()
    version = subprocess.run([str(browser), "--version"], check=False, capture_output=True, text=True)
    if version.returncode != 0:
        raise NoBrowser(f"{browser} does not start: {version.stderr.strip()[-300:]}")
    return browser


def _install() -> Path:
    advice = (
        "The browser journeys need Chromium and found none. Install it"
        f" (Debian, Ubuntu: apt-get install {' '.join(PACKAGES)}), or name it in RECOUP_CHROMIUM."
    )
    named = os.environ.get("RECOUP_CHROMIUM")
    if named:
        raise NoBrowser(f"RECOUP_CHROMIUM names {named}, which is no program that can be run. {advice}")
    prefix = _privilege()
    if prefix is None or shutil.which("apt-get") is None:
        raise NoBrowser(advice)
    print("Installing Chromium for the browser journeys (once)...", flush=True)
    for step in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *PACKAGES]):
        finished = subprocess.run(
            [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", *step],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
        )
        if finished.returncode != 0 and step[0] == "install":
            raise NoBrowser(f"{advice}\napt-get said: {finished.stderr.strip()[-600:]}")
    browser = find()
    if browser is None:
        raise NoBrowser(advice)
    return browser


def _privilege() -> list[str] | None:
    """What to put before apt-get; None when we may not use it without asking for a password."""
    if os.geteuid() == 0:
        return []
    if (
        shutil.which("sudo")
        and subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0
    ):
        return ["sudo", "-n"]
    return None
