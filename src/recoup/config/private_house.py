"""A house of one's own, for tests, proofs and benches: in a temporary directory, on free ports, gone afterwards.

    with PrivateHouse(programs=["provider", "town", "vault", "worker", "live", "web"]) as house:
        requests.get(f"{house.running.web_url}/healthz")
        house.kill("vault")                 # as if the power failed; the supervisor restarts it
        house.restart_database(immediate=True)

Nothing is left behind, whether the block ends well, by an exception or by Ctrl-C.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

import psutil

from recoup.config import processes, roles
from recoup.config.house import House
from recoup.config.opening import HEALTHY_SECONDS_MAX, POSTGRES, OpenHouse, Plan
from recoup.config.refusals import NotHealthyInTime
from recoup.config.roster import PROGRAMS, Program, copies_of, program_of
from recoup.config.running import Running
from recoup.config.supervisor import Charge, Patience

PREFIX = "recoup-house-"
#: Proofs kill programs again and again, on purpose: the pause before a restart does not grow.
UNGROWING = Patience(restart_seconds_max=0.2)


class PrivateHouse:
    """A practice house. `copies={"worker": 4}` runs worker, worker-2, worker-3 and worker-4.

    `cluster_only=True` starts just PostgreSQL with its roles and an empty database, without fsync: for tests.
    `is_watched=False` leaves dead and stuck programs as they are until they are started again by hand.
    """

    def __init__(
        self,
        *,
        programs: Iterable[str] = tuple(PROGRAMS),
        roster: Mapping[str, Program] = PROGRAMS,
        copies: Mapping[str, int] | None = None,
        settings: Mapping[str, str] | None = None,
        program_settings: Mapping[str, Mapping[str, str]] | None = None,
        cluster_only: bool = False,
        migrate: bool = True,
        load_demo: bool = False,
        is_durable: bool = True,
        is_watched: bool = True,
        patience: Patience = UNGROWING,
        keep: bool = False,
    ) -> None:
        names = [name for program in programs for name in copies_of(program, (copies or {}).get(program, 1))]
        for name in names:
            program_of(name, roster)
        self._plan = Plan(
            programs=() if cluster_only else tuple(names),
            roster=roster,
            with_migrations=migrate and not cluster_only,
            with_demo=load_demo and not cluster_only,
            is_durable=is_durable and not cluster_only,
            patience=patience,
            settings=settings or {},
            program_settings=program_settings or {},
        )
        self._is_watched = is_watched
        self._keep = keep
        self._watch: threading.Thread | None = None
        self.told: list[str] = []

    def __enter__(self) -> Self:
        _sweep()
        self._on_terminate = _ends_on_terminate()
        self._on_terminate.__enter__()
        directory = Path(tempfile.mkdtemp(prefix=PREFIX)).resolve()
        self.house = House(directory)
        self._open = OpenHouse(self.house, self._plan, tell=self.told.append)
        try:
            self._open.open()
            if self._is_watched:
                self._watch = threading.Thread(target=self._open.watch, name="supervisor", daemon=True)
                self._watch.start()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave()

    @property
    def data_dir(self) -> Path:
        return self.house.data_dir

    @property
    def running(self) -> Running:
        return self._open.running

    def environment(self, program: str) -> dict[str, str]:
        return self.house.environment(program)

    def database_url(self, role: str) -> str:
        return self.house.database_url(role)

    def log(self, name: str) -> Path:
        return self._open.supervisor.charge(name).log

    def process(self, name: str) -> psutil.Process:
        """The leading process of a program, or of `postgres`. Raises psutil.NoSuchProcess between two lives."""
        process = self._charge(name).process
        if process is None:
            raise psutil.NoSuchProcess(0, name)
        return psutil.Process(process.pid)

    def restarts(self, name: str) -> int:
        """How often the supervisor has started it again."""
        return self._charge(name).restarts

    def cpu_seconds(self, *names: str) -> float:
        """Processor time of these programs and their children so far, as long as they live."""
        return sum(_cpu_seconds(self.process(name)) for name in names)

    def kill(self, name: str) -> None:
        """SIGKILL to everyone of the program."""
        self._open.supervisor.kill(name)

    def pause(self, name: str) -> None:
        """SIGSTOP to everyone of the program. The supervisor kills it when its heart is silent for too long."""
        self._open.supervisor.send(name, signal.SIGSTOP)

    def resume(self, name: str) -> None:
        self._open.supervisor.send(name, signal.SIGCONT)

    def stop(self, name: str) -> None:
        """It is asked to end, and stays away until `start`."""
        self._open.supervisor.stop(name)

    def start(self, name: str, *, settings: Mapping[str, str] | None = None) -> None:
        """It runs and is healthy afterwards; with other settings for this program, where given. New copies too."""
        if settings is not None:
            self._open.tell_program(name, settings)
        self._open.start_programs((name,)) if name != POSTGRES else self._start_database()

    def restart(self, name: str, *, settings: Mapping[str, str] | None = None) -> None:
        self.stop(name)
        self.start(name, settings=settings)

    def restart_database(self, *, immediate: bool = False) -> None:
        """PostgreSQL has stopped (immediately: as in a crash, with recovery) and answers again."""
        self._open.supervisor.stop_with(POSTGRES, signal.SIGQUIT if immediate else signal.SIGINT)
        self._start_database()

    def wait_until_well(self, name: str, *, seconds: float = HEALTHY_SECONDS_MAX) -> float:
        """It is healthy; the seconds that took, restarts included. Raises NotHealthyInTime."""
        asked_at = time.monotonic()
        charge = self._charge(name)
        if not processes.wait_until(lambda: charge.is_running and charge.is_well(), seconds=seconds):
            raise NotHealthyInTime(f"{name} was not healthy within {seconds:.0f} s; it said:\n{charge.last_words()}")
        return time.monotonic() - asked_at

    def create_database(self, name: str, *, template: str = "template0") -> None:
        """Another database of recoup_owner's; a template nobody is connected to is copied in full."""
        with self._open.cluster.connect("postgres") as connection:
            roles.create_database(connection, name, template=template)
        with self._open.cluster.connect(name) as connection:
            roles.secure_schema(connection)

    def drop_database(self, name: str) -> None:
        with self._open.cluster.connect("postgres") as connection:
            roles.drop_database(connection, name)

    def superuser(self, database: str = roles.DATABASE) -> roles.Connection:
        """A connection (autocommit) that may do everything: to set up faults, never to test what is allowed."""
        return self._open.cluster.connect(database)

    def _charge(self, name: str) -> Charge:
        return self._open.supervisor.charge(name)

    def _start_database(self) -> None:
        self._open.supervisor.start(POSTGRES)
        self.wait_until_well(POSTGRES)

    def _leave(self) -> None:
        with _undisturbed():
            self._open.ask_to_close()
            if self._watch is not None:
                self._watch.join()
            self._open.close()
            if not self._keep:
                shutil.rmtree(self.house.data_dir, ignore_errors=True)
        self._on_terminate.__exit__(None, None, None)


def _cpu_seconds(process: psutil.Process) -> float:
    spent = 0.0
    for one in [process, *process.children(recursive=True)]:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = one.cpu_times()
            spent += times.user + times.system
    waited_for = process.cpu_times()
    return float(spent + waited_for.children_user + waited_for.children_system)


def _sweep() -> None:
    """Directories of private houses whose owner was killed outright are removed: nobody holds their lock."""
    for directory in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if time.time() - directory.stat().st_mtime < 60 or directory.stat().st_uid != os.geteuid():
                continue
            with (directory / "lock").open("rb") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory, ignore_errors=True)


@contextlib.contextmanager
def _ends_on_terminate() -> Iterator[None]:
    """SIGTERM unwinds the stack like Ctrl-C does, so that the house is closed. Signals are the main thread's."""

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - the shape of a signal handler
        raise SystemExit(128 + number)

    is_ours = (
        threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    )
    if is_ours:
        signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        if is_ours:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """A second Ctrl-C does not cut the cleaning short; every step of it has its time limit."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
