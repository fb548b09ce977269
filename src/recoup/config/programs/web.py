"""The web program: pages, the JSON API and webhooks, served by granian.

    python -m recoup.config.programs.web

Two workers with sixteen threads each; most of them wait for the one that writes (docs/decisions/0026). A thread gets a
request when all of it has come (web_gate). The parent's
heart beats while its own door really answers; a door behind which nobody answers any more falls silent, and the
supervisor starts it again. A single worker that hangs is found by its own pulse (web_pulse) and replaced.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import threading
import time
from collections import deque
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")
# Photos are compared with numpy, whose algebra would start a thread for each core that turns in circles when idle.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

NAME = "web"
THREADS = int(os.environ.get("RECOUP_WEB_THREADS", "16"))
#: Of one worker. Whoever comes later waits in the system's queue until one of them leaves.
CONNECTIONS_MAX = 2048
#: For the head of a request, and for the next one of a connection that stays open.
HEADERS_S_MAX = 15.0
PROBE_S_MAX = 10.0
#: Of the last looks at the door so many may have failed. Any answer counts: a database that is away is not our death.
LOOKS, FAILED_LOOKS_MAX = 10, 5


def knock(host: str, port: int) -> bool:
    """Whether somebody behind the door answers at all."""
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_S_MAX)
    try:
        connection.request("GET", "/healthz", headers={"Connection": "close"})
        return connection.getresponse().status > 0
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def keep_knocking(name: str, host: str, port: int) -> None:
    """Beats for the program as long as its door answers. Runs beside the parent, which only waits for its workers."""
    from recoup.config.programs.web_pulse import SILENT_S_MAX, Watch
    from recoup.kernel.heartbeat import beat

    directory = os.environ.get("RECOUP_HEARTBEAT_DIR")
    silent_s_max = float(os.environ.get("RECOUP_WEB_SILENT_S", SILENT_S_MAX))
    watch = Watch(Path(directory), silent_s_max=silent_s_max) if directory else None
    looks: deque[bool] = deque(maxlen=LOOKS)
    while True:
        if watch is not None:
            watch.end_the_silent()
        looks.append(knock(host, port))
        if looks[-1] or (any(looks) and looks.count(False) <= FAILED_LOOKS_MAX):
            beat(name)
        time.sleep(1.0)


def local(host: str) -> str:
    """Where this machine reaches a server that listens on that address."""
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - translated, not listened on


def main() -> None:
    """Serve until told to stop."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    from recoup.config import log as logs

    logs.set_up(NAME)
    # Workers start afresh: a fork beside the knocking thread could inherit a lock that nobody will ever let go of.
    multiprocessing.set_start_method("spawn")
    host, port = os.environ.get("RECOUP_HOST", "127.0.0.1"), int(os.environ.get("RECOUP_PORT", "8000"))
    threading.Thread(target=keep_knocking, args=(NAME, local(host), port), name="knocker", daemon=True).start()
    Granian(
        target="recoup.config.programs.web_application:application",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.asyncio,
        websockets=False,
        workers=int(os.environ.get("RECOUP_WEB_WORKERS", "2")),
        backlog=1024,
        backpressure=CONNECTIONS_MAX,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=int(HEADERS_S_MAX * 1000), max_buffer_size=64 * 1024),
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=8,
    ).serve()


if __name__ == "__main__":
    main()
