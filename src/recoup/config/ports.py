"""Which doors are free on this machine, and who stands in the others."""

import contextlib
import os
import random
import socket
from collections.abc import Iterable, Mapping

import psutil

from recoup.config.refusals import PortTaken

LOOPBACK = "127.0.0.1"
#: Below the range from which Linux takes the near end of outgoing connections (32768 and up).
PRIVATE_RANGE = range(20000, 32000)


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Whether somebody could listen there now."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((host, port))
        except OSError:
            return False
    return True


def must_be_free(port: int, *, host: str = LOOPBACK) -> None:
    """Raises PortTaken, naming who has it where that can be seen."""
    if not 0 < port < 65536:
        raise PortTaken(f"{port} is not a port number")
    if not is_free(port, host=host):
        by = _holder(port)
        raise PortTaken(f"port {port} is taken{f' by {by}' if by else ''}. Free it, or choose another with --port.")


def choose(wanted: Mapping[str, int], *, taken: Iterable[int] = ()) -> dict[str, int]:
    """A free port for each name: the wanted one (0: none in particular) where it is free, otherwise some other."""
    chosen: dict[str, int] = {}
    used = set(taken)
    for name, port in wanted.items():
        is_ours = port and port not in used and is_free(port)
        chosen[name] = port if is_ours else free_port(avoid=used)
        used.add(chosen[name])
    return chosen


def free_port(*, avoid: Iterable[int] = ()) -> int:
    """Some port on loopback that is free now. Raises PortTaken when there is none."""
    avoided = set(avoid)
    for _ in range(2000):
        port = random.choice(PRIVATE_RANGE)  # noqa: S311 - only has to be unlike our neighbours'
        if port not in avoided and is_free(port):
            return port
    raise PortTaken("no free port found on 127.0.0.1")


def _holder(port: int) -> str | None:
    with contextlib.suppress(psutil.Error, OSError):
        for connection in psutil.net_connections("tcp"):
            near_end = connection.laddr
            if connection.status == psutil.CONN_LISTEN and near_end and near_end.port == port and connection.pid:
                process = psutil.Process(connection.pid)
                whose = "" if process.uids().real == os.getuid() else f" of user {process.username()}"
                return f"process {process.pid} ({' '.join(process.cmdline()[:4])[:90] or process.name()}){whose}"
    return None
