"""The live program: tells open pages that something happened to their case, by server-sent events.

    python -m recoup.config.programs.live

`GET /cases/<number>/events?ticket=...` is a stream that says `event: changed` with a counter, never what changed: the
page fetches itself again from the web program, which asks who is looking. The ticket comes from that page
(recoup.events.queries.live_url), so strangers cannot open streams, and it opens no data.
"""

from __future__ import annotations

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "recoup.config.settings")

NAME = "live"


def main() -> None:
    """Serve until told to stop."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    from recoup.config import log as logs

    logs.set_up(NAME)
    Granian(
        target="recoup.config.programs.live_application:application",
        address=os.environ.get("RECOUP_HOST", "127.0.0.1"),
        port=int(os.environ.get("RECOUP_PORT", "8001")),
        interface=Interfaces.ASGI,
        loop=Loops.asyncio,
        workers=1,
        backlog=1024,
        backpressure=4096,
        websockets=False,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=15_000, max_buffer_size=16 * 1024),
        log_access=False,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
    ).serve()


if __name__ == "__main__":
    main()
