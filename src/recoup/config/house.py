"""One data directory is one house: its files, its secrets, its doors, and what each program is told.

A program is told everything by its environment and nothing else; `House.environment` is the only place where that
environment is put together, and where it is decided which program may know which secret.
"""

import fcntl
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from recoup.config import files, house_secrets
from recoup.config.house_secrets import OWNER, Secrets
from recoup.config.refusals import (
    DatabaseChanged,
    DataDirectoryInUse,
    DataDirectoryNotWritable,
    HouseNotRunning,
    NotARecoupDirectory,
    UnknownProgram,
)
from recoup.config.running import Running
from recoup.kernel import clock

PROJECT = Path(__file__).resolve().parents[3]
DEFAULT_DATA_DIR = PROJECT / "var" / "recoup"
EMBEDDED = "embedded"

#: Which database role each program signs in with. The practice programs know no database.
ROLE_OF: dict[str, str] = {
    "web": "recoup_web",
    "live": "recoup_web",
    "worker": "recoup_worker",
    "cli": "recoup_worker",
    "vault": "recoup_vault",
    "insights": "recoup_insights",
    "owner": OWNER,
}
SANDBOX_PROGRAMS = ("provider", "town")

#: Told by the house itself, program by program, whatever stands in the environment of the terminal.
RESERVED = frozenset(
    "RECOUP_" + name
    for name in (
        "MODE", "PROGRAM", "DATABASE_URL", "SECRET_KEY", "FIELD_KEY", "VAULT_KEY_FILE", "VAULT_PUBLIC_KEY",
        "PUBLIC_URL", "WEB_URL", "LIVE_URL", "HOST", "PORT", "EVIDENCE_DIR", "HEARTBEAT_DIR", "PROVIDER_URL",
        "TOWN_URL", "SANDBOX_DIR", "SANDBOX_PORT", "PROVIDER_PORT", "TOWN_PORT", "SMTP_PORT",
    )
)  # fmt: skip

#: What a program inherits from the terminal that started the house.
INHERITED = (
    "PATH", "HOME", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE",
    "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
)  # fmt: skip


@dataclass(frozen=True)
class House:
    """The house in `data_dir`. Reading it needs no running programs; `environment` and `database_url` do."""

    data_dir: Path

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def heartbeats(self) -> Path:
        return self.data_dir / "heartbeats"

    @property
    def evidence(self) -> Path:
        return self.data_dir / "evidence"

    @property
    def sandbox(self) -> Path:
        return self.data_dir / "sandbox"

    @property
    def vault_key(self) -> Path:
        return self.data_dir / "vault.key"

    @property
    def vault_public(self) -> Path:
        return self.data_dir / "vault.pub"

    @property
    def demo(self) -> Path:
        """Addresses and sign-ins of the demo world, written by `load-demo`."""
        return self.data_dir / "demo.json"

    @property
    def marker(self) -> Path:
        """Says that the directory is Recoup's, since when, which database it belongs to and which ports it likes."""
        return self.data_dir / "house.json"

    @property
    def run_file(self) -> Path:
        return self.data_dir / "run.json"

    @property
    def secrets_file(self) -> Path:
        return self.data_dir / "secrets.json"

    @cached_property
    def secrets(self) -> Secrets:
        """Raises HouseNotRunning when the house was never started."""
        held = house_secrets.load(self.secrets_file)
        if held is None:
            raise HouseNotRunning(f"there is no Recoup in {self.data_dir} yet; start it with bin/up")
        return held

    def running(self) -> Running | None:
        """The running house as its supervisor wrote it down; None when nobody runs it."""
        content = self.last_run()
        return content if content is not None and content.supervisor.is_alive() else None

    def last_run(self) -> Running | None:
        """What the latest supervisor wrote down, alive or not."""
        content = files.read_json(self.run_file)
        return None if content is None else Running.from_json(content)

    def write_running(self, running: Running) -> None:
        files.write_private_json(self.run_file, running.as_json())

    def database_url(self, role: str) -> str:
        """The address of the running database for a role (`web` or `recoup_web`). Raises HouseNotRunning."""
        return self._database_url(self._must_run(), role if "_" in role else f"recoup_{role}")

    def environment(self, program: str) -> dict[str, str]:
        """Everything the program is told, for the house as it runs now. Copies (`worker-2`) are told the same.

        Raises HouseNotRunning, UnknownProgram.
        """
        running = self._must_run()
        kind = program.partition("-")[0]
        environment = {name: os.environ[name] for name in INHERITED if name in os.environ}
        environment |= {"LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}
        environment |= running.settings
        environment |= self._common(running, kind)
        if kind in SANDBOX_PROGRAMS:
            environment |= self._for_sandbox(running, kind)
        elif kind == "vault":
            environment |= self._for_vault(running)
        elif kind in ROLE_OF:
            environment |= self._for_product(running, kind)
        else:
            raise UnknownProgram(f"there is no program called {program!r}")
        return environment | running.program_settings.get(kind, {}) | running.program_settings.get(program, {})

    def _must_run(self) -> Running:
        running = self.running()
        if running is None:
            raise HouseNotRunning(f"no Recoup is running on {self.data_dir}; start it with bin/up")
        return running

    def _database_url(self, running: Running, role: str) -> str:
        if role == OWNER and self.secrets.owner_url:
            return self.secrets.owner_url
        return running.database_url(user=role, password=self.secrets.passwords[role])

    def _common(self, running: Running, kind: str) -> dict[str, str]:
        told = {
            "RECOUP_MODE": running.mode,
            "RECOUP_PROGRAM": kind,
            "RECOUP_PUBLIC_URL": running.public_url,
            "RECOUP_WEB_URL": running.web_url,
            "RECOUP_HEARTBEAT_DIR": str(self.heartbeats),
        }
        if running.mode == "demo":
            told |= {"RECOUP_PROVIDER_URL": running.provider_url, "RECOUP_TOWN_URL": running.town_url}
        return told

    def _for_sandbox(self, running: Running, kind: str) -> dict[str, str]:
        told = {"RECOUP_SANDBOX_DIR": str(self.sandbox), "RECOUP_SANDBOX_PORT": str(getattr(running.ports, kind))}
        return told | {
            "RECOUP_PROVIDER_PORT": str(running.ports.provider),
            "RECOUP_TOWN_PORT": str(running.ports.town),
            "RECOUP_SMTP_PORT": str(running.ports.smtp),
        }

    def _for_vault(self, running: Running) -> dict[str, str]:
        """The only one who learns where the private key is, and the only one without the product's keys."""
        return {
            "RECOUP_DATABASE_URL": self._database_url(running, ROLE_OF["vault"]),
            "RECOUP_VAULT_PUBLIC_KEY": self.vault_public.read_text().strip(),
            "RECOUP_VAULT_KEY_FILE": str(self.vault_key),
        }

    def _for_product(self, running: Running, kind: str) -> dict[str, str]:
        told = {
            "RECOUP_DATABASE_URL": self._database_url(running, ROLE_OF[kind]),
            "RECOUP_SECRET_KEY": self.secrets.secret_key,
            "RECOUP_FIELD_KEY": self.secrets.field_key,
            "RECOUP_VAULT_PUBLIC_KEY": self.vault_public.read_text().strip(),
            "RECOUP_LIVE_URL": running.live_url,
            "RECOUP_ALLOWED_HOSTS": running.settings.get("RECOUP_ALLOWED_HOSTS", ",".join(_allowed_hosts(running))),
            "RECOUP_EVIDENCE_DIR": str(self.evidence),
        }
        if running.mode == "demo":
            told |= {
                "RECOUP_SMTP_URL": running.smtp_url,
                "RECOUP_INBOX_URL": running.town_url,
                "RECOUP_CALLBACK_INSIDE": running.town_url,
                "RECOUP_SMS_GATEWAY": "http",
                "RECOUP_SMS_COUNTRIES": "SG,MY",
                "RECOUP_SMS_URL": f"{running.town_url}/_practice/texts",
                "RECOUP_MAIL_FROM": running.settings.get("RECOUP_MAIL_FROM", "Recoup <refunds@recoup.example>"),
            }
        if kind in ("web", "live"):
            told |= {"RECOUP_HOST": running.host, "RECOUP_PORT": str(getattr(running.ports, kind))}
        return told


def claim(house: House) -> None:
    """The directory exists, is ours to write, and is Recoup's or empty.

    Raises NotARecoupDirectory, DataDirectoryNotWritable.
    """
    directory, marker = house.data_dir, house.marker
    try:
        directory.mkdir(parents=True, exist_ok=True)
        strangers = sorted(entry.name for entry in directory.iterdir() if entry.name != "lock")
    except (PermissionError, FileExistsError, NotADirectoryError) as problem:
        raise DataDirectoryNotWritable(f"the data directory {directory} cannot be used: {problem}") from None
    if strangers and not marker.exists():
        raise NotARecoupDirectory(
            f"{directory} is not empty and not a data directory of Recoup (it holds {', '.join(strangers[:3])}). "
            "Choose another with --data-dir."
        )
    if not os.access(directory, os.W_OK | os.X_OK) or (marker.exists() and not os.access(marker, os.R_OK)):
        raise DataDirectoryNotWritable(
            f"the data directory {directory} is not writable for user {_user_name(os.geteuid())} "
            f"(it belongs to {_user_name(directory.stat().st_uid)}). Choose another with --data-dir."
        )
    # PostgreSQL runs as another user when we are root, and must be able to walk through to its own directory.
    if directory.stat().st_uid == os.geteuid():
        directory.chmod(0o711 if os.geteuid() == 0 else 0o700)


def prepare(house: House, *, database: str = EMBEDDED) -> None:
    """The claimed directory has its marker, folders and secrets afterwards. What exists already is kept.

    Raises DatabaseChanged.
    """
    marker = files.read_json(house.marker)
    if marker is None:
        marker = {"recoup": 1, "created_at": clock.now().isoformat(), "database": database, "ports": {}}
        files.write_private_json(house.marker, marker)
    if marker["database"] != database:
        raise DatabaseChanged(_database_changed(house.data_dir, was=marker["database"], now=database))
    for directory in (house.logs, house.heartbeats, house.evidence, house.sandbox):
        directory.mkdir(mode=0o700, exist_ok=True)
    if house_secrets.load(house.secrets_file) is None:
        house_secrets.save(house.secrets_file, house_secrets.generate())
    house_secrets.make_vault_keys(private=house.vault_key, public=house.vault_public)


def remembered_ports(house: House) -> dict[str, int]:
    """Where the doors of this house stood last time, by name."""
    return dict((files.read_json(house.marker) or {}).get("ports", {}))


def remember_ports(house: House, ports: Mapping[str, int]) -> None:
    """The next start puts the doors where they stand now, as far as it can."""
    marker = files.read_json(house.marker) or {}
    if marker.get("ports") != dict(ports):
        files.write_private_json(house.marker, marker | {"ports": dict(ports)})


class HouseLock:
    """Held by the one supervisor of a data directory; the kernel lets go of it however the supervisor ends."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._descriptor: int | None = None

    def take(self) -> None:
        """Raises DataDirectoryInUse."""
        descriptor = os.open(self._house.data_dir / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise DataDirectoryInUse(_in_use(self._house)) from None
        self._descriptor = descriptor

    def release(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _in_use(house: House) -> str:
    running = house.running()
    if running is None:
        return f"another Recoup is just starting or stopping on {house.data_dir}; try again in a moment"
    return (
        f"a Recoup is running on {house.data_dir} already, at {running.public_url} "
        f"(process {running.supervisor.pid}). Stop it with bin/down, or choose another --data-dir and --port."
    )


def _database_changed(data_dir: Path, *, was: str, now: str) -> str:
    def spoken(database: str) -> str:
        return "its own embedded PostgreSQL" if database == EMBEDDED else f"the database {database}"

    return (
        f"{data_dir} belongs to {spoken(was)}, but was started with {spoken(now)}. "
        "Set DATABASE_URL as before (or leave it unset as before), or choose another --data-dir."
    )


def _allowed_hosts(running: Running) -> list[str]:
    public = urlsplit(running.public_url).hostname
    local = ["127.0.0.1", "localhost", "[::1]"]
    named = [running.host] if running.host not in ("0.0.0.0", "::") else []  # noqa: S104
    return list(dict.fromkeys([*([public] if public else []), *local, *named]))
