"""Opening a house and closing it again: one order of starting, for `bin/up` and for private houses."""

import contextlib
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from subprocess import Popen

import psutil

from recoup.config import house as houses
from recoup.config import house_secrets, ports, preparation, processes, roles
from recoup.config.cluster import Cluster
from recoup.config.house import EMBEDDED, House, HouseLock
from recoup.config.refusals import HouseNotRunning, NotHealthyInTime, ProgramFailed
from recoup.config.roster import PROGRAMS, Program, program_of
from recoup.config.running import Ports, Running, identify
from recoup.config.supervisor import Charge, Patience, Supervisor, has_beaten
from recoup.kernel import clock

POSTGRES = "postgres"
HEALTHY_SECONDS_MAX = 90.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to open. `programs` are names of the roster or of copies; `port` is the web door's, None for any free one.

    `settings` are told to every program, `program_settings` to one (`worker`) or to one copy (`worker-2`).
    """

    programs: tuple[str, ...]
    roster: Mapping[str, Program] = field(default_factory=lambda: PROGRAMS)
    mode: str = "demo"
    host: str = "127.0.0.1"
    port: int | None = None
    public_url: str | None = None
    live_url: str | None = None
    owner_url: str | None = None
    with_demo: bool = False
    with_migrations: bool = True
    is_durable: bool = True
    patience: Patience = field(default_factory=Patience)
    settings: Mapping[str, str] = field(default_factory=dict)
    program_settings: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class OpenHouse:
    """One house in our care. `open` either ends with everything healthy, or raises and leaves nothing running."""

    def __init__(self, house: House, plan: Plan, *, tell: Callable[[str], None] = lambda line: None) -> None:
        self.house = house
        self.plan = plan
        self.supervisor = Supervisor(patience=plan.patience, tell=tell, changed=self._write_programs)
        self._tell = tell
        self._lock = HouseLock(house)
        self._running: Running | None = None
        self._closing = threading.Event()
        #: The description is changed by the supervisor's thread and by whoever tells a program something.
        self._describing = threading.Lock()

    @property
    def running(self) -> Running:
        if self._running is None:
            raise HouseNotRunning(f"the house in {self.house.data_dir} is not open")
        return self._running

    @property
    def cluster(self) -> Cluster:
        """The embedded cluster, where this house uses one."""
        return Cluster(
            directory=self.house.postgres,
            log=self.house.logs / "postgres.log",
            port=self.running.ports.postgres,
            superuser_password=self.house.secrets.passwords[house_secrets.SUPERUSER],
            is_durable=self.plan.is_durable,
        )

    def open(self) -> Running:
        """Every program of the plan is healthy afterwards. Raises a Refusal, and then nothing is left running."""
        try:
            self._enter()
            self._start_sandbox()
            self._open_database()
            if self.plan.with_migrations:
                self._migrate()
            self._start_programs()
            if self.plan.with_demo:
                self._load_demo()
            self._write(replace(self.running, state="ready"))
        except BaseException:
            self.close()
            raise
        return self.running

    def watch(self) -> None:
        """Keeps the house running until `ask_to_close`. The caller then calls `close`."""
        self.supervisor.watch(self._closing)

    def ask_to_close(self) -> None:
        self._closing.set()

    def close(self) -> None:
        """Everything has stopped, doors first and the database last; the directory is free for the next start."""
        self._closing.set()
        if self._running is not None:
            self._write(replace(self._running, state="stopping"))
        self.supervisor.stop_all()
        if self._running is not None and (forgotten := clear_leftovers(self.house)):
            self._tell(f"stopped {forgotten} processes that their programs had left behind")
        if self._running is not None:
            self.house.run_file.unlink(missing_ok=True)
            self._running = None
        self._lock.release()

    def start_programs(self, names: tuple[str, ...]) -> None:
        """These programs of the house are healthy. Raises ProgramFailed, NotHealthyInTime."""
        for name in names:
            if name not in self.supervisor.names():
                self.supervisor.take(self._charge(name))
            self.supervisor.start(name)
        self.wait_until_well(names)

    def tell_program(self, name: str, settings: Mapping[str, str]) -> None:
        """From its next start on, the program (or the one copy) is told these settings of its own."""
        with self._describing:
            told = {**self.running.program_settings, name: dict(settings)}
            self._write(replace(self.running, program_settings=told))

    def wait_until_well(self, names: tuple[str, ...], *, seconds: float = HEALTHY_SECONDS_MAX) -> None:
        """Raises ProgramFailed as soon as one of them ends, NotHealthyInTime."""
        waiting = [self.supervisor.charge(name) for name in names]
        give_up_at = time.monotonic() + seconds
        while waiting:
            for charge in waiting:
                if not charge.is_running:
                    raise ProgramFailed(_ended(charge))
            waiting = [charge for charge in waiting if not charge.is_well()]
            if waiting and time.monotonic() > give_up_at:
                raise NotHealthyInTime(_not_healthy(waiting, seconds))
            if waiting:
                time.sleep(0.05)

    def _enter(self) -> None:
        self.house.data_dir.parent.mkdir(parents=True, exist_ok=True)
        external = roles.Server(self.plan.owner_url).address if self.plan.owner_url else EMBEDDED
        houses.claim(self.house)
        self._lock.take()
        houses.prepare(self.house, database=external)
        self._keep_owner_url()
        if cleared := clear_leftovers(self.house):
            self._tell(f"stopped {cleared} processes that an earlier run had left behind")
        self._write(self._description(self._choose_ports(), external))

    def _keep_owner_url(self) -> None:
        held = self.house.secrets
        if held.owner_url != self.plan.owner_url:
            house_secrets.save(self.house.secrets_file, held.with_owner_url(self.plan.owner_url))
            self.house.__dict__.pop("secrets", None)

    def _choose_ports(self) -> Ports:
        """The web door is where it was asked for. The others stand beside it, or where they stood last time."""
        if self.plan.port is None:
            chosen = ports.choose(dict.fromkeys(("web", "live", "provider", "town", "smtp", "postgres"), 0))
            return Ports(**chosen)
        web = self.plan.port
        ports.must_be_free(web, host=self.plan.host)
        beside = {"live": web + 1, "provider": web + 2, "town": web + 3, "smtp": web + 4, "postgres": web + 5}
        remembered = houses.remembered_ports(self.house)
        if remembered.get("web") == web:
            beside |= {name: remembered.get(name, port) for name, port in beside.items()}
        chosen = {"web": web} | ports.choose(beside, taken=[web])
        houses.remember_ports(self.house, chosen)
        return Ports(**chosen)

    def _description(self, chosen: Ports, external: str) -> Running:
        local = self.plan.host if self.plan.host not in ("0.0.0.0", "::") else "127.0.0.1"  # noqa: S104
        embedded = f"postgresql://127.0.0.1:{chosen.postgres}/{roles.DATABASE}"
        return Running(
            supervisor=identify(os.getpid()),
            started_at=clock.now().isoformat(timespec="seconds"),
            state="starting",
            mode=self.plan.mode,
            host=self.plan.host,
            ports=chosen,
            public_url=(self.plan.public_url or f"http://{local}:{chosen.web}").rstrip("/"),
            live_url=(self.plan.live_url or f"http://{local}:{chosen.live}").rstrip("/"),
            database=embedded if external == EMBEDDED else external,
            is_embedded=external == EMBEDDED,
            settings=dict(self.plan.settings),
            program_settings={name: dict(settings) for name, settings in self.plan.program_settings.items()},
        )

    def _start_sandbox(self) -> None:
        """The practice world needs no database: it comes up while PostgreSQL does. Nobody waits for it yet."""
        for name in self.plan.programs:
            if program_of(name, self.plan.roster).is_sandbox:
                self.supervisor.take(self._charge(name))
                self.supervisor.start(name)

    def _open_database(self) -> None:
        passwords = self.house.secrets.passwords
        if self.plan.owner_url:
            self._tell(f"using the database {self.running.database}")
            roles.Server(self.plan.owner_url).furnish(passwords=passwords)
            return
        cluster = self.cluster
        if cluster.initialise():
            self._tell("made a PostgreSQL cluster")
        self.supervisor.take(
            Charge(
                name=POSTGRES,
                rank=0,
                start=cluster.spawn,
                is_well=cluster.is_ready,
                log=cluster.log,
                stop_signal=signal.SIGINT,
                stop_seconds=30.0,
            )
        )
        self.supervisor.start(POSTGRES)
        self.wait_until_well((POSTGRES,), seconds=60.0)
        with cluster.connect("postgres") as connection:
            roles.furnish_cluster(connection, passwords=passwords)
        with cluster.connect(roles.DATABASE) as connection:
            roles.secure_schema(connection)
        self._tell("PostgreSQL is running")

    def _migrate(self) -> None:
        if preparation.migrate(self.house, owner_url=self.house.database_url("owner")):
            self._tell("migrated the database")

    def _start_programs(self) -> None:
        if self.plan.programs:
            self._tell(f"starting {', '.join(self.plan.programs)}")
            self.start_programs(self.plan.programs)

    def _load_demo(self) -> None:
        self._tell("looking after the demo world")
        preparation.load_demo(self.house, self.running)

    def _charge(self, name: str) -> Charge:
        program = program_of(name, self.plan.roster)
        return Charge(
            name=name,
            rank=program.rank,
            start=partial(self._spawn, name, program),
            is_well=partial(self._is_well, name, program),
            log=self.house.logs / f"{name}.log",
            heartbeats=self.house.heartbeats if program.has_heartbeat else None,
            stop_seconds=program.stop_seconds,
        )

    def _spawn(self, name: str, program: Program) -> Popen[bytes]:
        return processes.spawn(
            program.argv(),
            environment=self.house.environment(name),
            log=self.house.logs / f"{name}.log",
            directory=self.house.data_dir,
        )

    def _is_well(self, name: str, program: Program) -> bool:
        if program.door is not None:
            host = "127.0.0.1" if program.is_sandbox else self.running.local_host
            return _answers(f"http://{host}:{getattr(self.running.ports, program.door)}/healthz")
        process = self.supervisor.charge(name).process
        return process is not None and has_beaten(self.house.heartbeats, process.pid)

    def _write_programs(self) -> None:
        programs = self.supervisor.running()
        with self._describing:
            if self._running is not None:
                self._write(replace(self._running, programs=programs))

    def _write(self, running: Running) -> None:
        self._running = running
        self.house.write_running(running)


def clear_leftovers(house: House) -> int:
    """No program of the house runs, and there is no heartbeat of any. How many there were. For who holds its lock."""
    leftovers = _leftovers(house)
    processes.end(leftovers)
    for beat in house.heartbeats.glob("*"):
        beat.unlink(missing_ok=True)
    return len(leftovers)


def _leftovers(house: House) -> list[psutil.Process]:
    """Programs of this house that lost their supervisor: written down in run.json, or told of our heartbeats."""
    last = house.last_run()
    known = {process.pid for process in last.programs.values() if process.is_alive()} if last else set()
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name() != POSTGRES and (process.pid in known or _belongs_to(process, house)):
                found.append(process)
    return found


def _belongs_to(process: psutil.Process, house: House) -> bool:
    told = process.environ()
    return (
        told.get("RECOUP_HEARTBEAT_DIR") == str(house.heartbeats)
        and told.get("RECOUP_PROGRAM") in PROGRAMS
        and process.pid != os.getpid()
    )


def _answers(url: str) -> bool:
    try:
        with _LOCAL.open(url, timeout=2.0) as response:
            return bool(response.status == 200)
    except OSError:
        return False


#: Health is asked on this machine, whatever proxy the terminal uses for the world.
_LOCAL = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _ended(charge: Charge) -> str:
    words = charge.last_words() or "(it wrote nothing)"
    return f"{charge.name} ended while it was starting; the end of {charge.log}:\n\n{words}"


def _not_healthy(waiting: list[Charge], seconds: float) -> str:
    words = "\n\n".join(f"{charge.log}:\n{charge.last_words(10) or '(it wrote nothing)'}" for charge in waiting)
    return f"{', '.join(charge.name for charge in waiting)} did not become healthy within {seconds:.0f} s.\n\n{words}"
