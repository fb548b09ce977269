"""Make `.venv` hold exactly what a lock file says. Standard library only, so that it runs on a bare machine.

    python3 -m tools.environment run     what the product needs         (requirements/run.lock; bin/up)
    python3 -m tools.environment test    what the checks need besides   (requirements/test.lock; bin/test)

Every download is checked against the hash in the lock file. The work is done once per lock file: a stamp in the
environment remembers the hash of what was installed, so a second call takes a few milliseconds.
"""

import fcntl
import hashlib
import importlib.util
import subprocess
import sys
import time
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
VENV = PROJECT / ".venv"


class EnvironmentFailed(Exception):
    """The environment could not be made; the message says what a person can do about it."""


def ensure(*, kind: str) -> None:
    """The environment exists and holds the packages of `requirements/<kind>.lock`; `src` is importable in it.

    Raises EnvironmentFailed.
    """
    lock_file = PROJECT / "requirements" / f"{kind}.lock"
    if not lock_file.exists():
        raise EnvironmentFailed(f"{lock_file} is missing: the checkout is not complete.")
    wanted = _digest(lock_file)
    if _is_stamped(kind, wanted):
        return
    with (PROJECT / "requirements" / "run.lock").open() as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # bin/up and bin/test may start together
        if _is_stamped(kind, wanted):
            return
        _make(lock_file)
        _stamp(kind).write_text(wanted)


def _make(lock_file: Path) -> None:
    started = time.monotonic()
    print(f"Making the environment from {lock_file.relative_to(PROJECT)} (once; a minute or two)...", flush=True)
    if not _works():
        _create()
    _install(lock_file)
    _put_source_on_path()
    print(f"Environment ready after {time.monotonic() - started:.0f} s.", flush=True)


def _create() -> None:
    """Debian ships `venv` without `ensurepip`; then the outer pip installs into the new environment from outside."""
    has_pip_inside = importlib.util.find_spec("ensurepip") is not None
    without = [] if has_pip_inside else ["--without-pip"]
    subprocess.run([sys.executable, "-m", "venv", "--clear", *without, str(VENV)], check=True)


def _install(lock_file: Path) -> None:
    command = [*_pip(), "install", "--require-hashes", "--no-deps", "--quiet", "--disable-pip-version-check"]
    finished = subprocess.run([*command, "--requirement", str(lock_file)], check=False)
    if finished.returncode != 0:
        raise EnvironmentFailed(f"pip could not install {lock_file.name}; its own words are above.")


def _pip() -> list[str]:
    if subprocess.run([str(_python()), "-m", "pip", "--version"], check=False, capture_output=True).returncode == 0:
        return [str(_python()), "-m", "pip"]
    outer = [sys.executable, "-m", "pip"]
    if subprocess.run([*outer, "--version"], check=False, capture_output=True).returncode != 0:
        raise EnvironmentFailed(f"{sys.executable} has no pip. On Debian: apt-get install python3-pip")
    return [*outer, "--python", str(_python())]


def _put_source_on_path() -> None:
    answer = subprocess.run(
        [str(_python()), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    )
    (Path(answer.stdout.strip()) / "recoup.pth").write_text(f"{PROJECT / 'src'}\n")


def _works() -> bool:
    """False also after the checkout was moved or the machine's Python was replaced."""
    activate = VENV / "bin" / "activate"
    if not _python().exists() or not activate.exists() or str(VENV) not in activate.read_text():
        return False
    check = "import sys; sys.exit(sys.version_info < (3, 11))"
    return subprocess.run([str(_python()), "-c", check], check=False, capture_output=True).returncode == 0


def _is_stamped(kind: str, wanted: str) -> bool:
    return _python().exists() and _stamp(kind).exists() and _stamp(kind).read_text() == wanted


def _digest(lock_file: Path) -> str:
    return hashlib.sha256(lock_file.read_bytes() + str(PROJECT).encode()).hexdigest()


def _stamp(kind: str) -> Path:
    return VENV / f".installed-{kind}"


def _python() -> Path:
    return VENV / "bin" / "python"


def main() -> int:
    """Exit code 0: ready; 2: not ready, with the reason on standard error."""
    kind = sys.argv[1] if len(sys.argv) > 1 else ""
    if kind not in {"run", "test"}:
        print("usage: python3 -m tools.environment run|test", file=sys.stderr)
        return 2
    try:
        ensure(kind=kind)
    except EnvironmentFailed as failure:
        print(f"The environment is not ready: {failure}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
