"""What is written down about a running house (`run.json`): who runs it, where its doors are, which database it uses."""

from dataclasses import asdict, dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit, urlunsplit

import psutil


@dataclass(frozen=True, kw_only=True)
class Process:
    """A process and the moment it started, so that a reused number is not taken for it."""

    pid: int
    started: float

    def is_alive(self) -> bool:
        try:
            process = psutil.Process(self.pid)
            return abs(process.create_time() - self.started) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def identify(pid: int) -> Process:
    """The process with this number now. One that is gone already counts as never alive."""
    try:
        return Process(pid=pid, started=psutil.Process(pid).create_time())
    except psutil.NoSuchProcess:
        return Process(pid=pid, started=0.0)


@dataclass(frozen=True, kw_only=True)
class Ports:
    web: int
    live: int
    provider: int
    town: int
    smtp: int
    postgres: int


@dataclass(frozen=True, kw_only=True)
class Running:
    """A running house. `state` is starting, ready or stopping; `database` is its address without user and password."""

    supervisor: Process
    started_at: str
    state: str
    mode: str
    host: str
    ports: Ports
    public_url: str
    live_url: str
    database: str
    is_embedded: bool
    settings: dict[str, str] = field(default_factory=dict)
    program_settings: dict[str, dict[str, str]] = field(default_factory=dict)
    programs: dict[str, Process] = field(default_factory=dict)

    @property
    def web_url(self) -> str:
        """Where this machine reaches the web program, whatever the public address is."""
        return f"http://{self.local_host}:{self.ports.web}"

    @property
    def local_host(self) -> str:
        return "127.0.0.1" if self.host in ("0.0.0.0", "::", "localhost") else self.host  # noqa: S104

    @property
    def provider_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.provider}"

    @property
    def town_url(self) -> str:
        return f"http://127.0.0.1:{self.ports.town}"

    @property
    def smtp_url(self) -> str:
        return f"smtp://127.0.0.1:{self.ports.smtp}"

    def database_url(self, *, user: str, password: str) -> str:
        return with_credentials(self.database, user=user, password=password)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> "Running":
        return cls(
            **{
                **content,
                "supervisor": Process(**content["supervisor"]),
                "ports": Ports(**content["ports"]),
                "programs": {name: Process(**process) for name, process in content["programs"].items()},
            }
        )


def with_credentials(url: str, *, user: str, password: str) -> str:
    """The same database, entered by this user."""
    parts = urlsplit(without_credentials(url))
    return urlunsplit(parts._replace(netloc=f"{quote(user, safe='')}:{quote(password, safe='')}@{parts.netloc}"))


def without_credentials(url: str) -> str:
    """The address alone: fit to be shown and written down."""
    parts = urlsplit(url)
    bare = parts._replace(scheme="postgresql", netloc=parts.netloc.rpartition("@")[2])
    return urlunsplit(bare) if bare.netloc else f"postgresql://{bare.path}{'?' + bare.query if bare.query else ''}"
