"""What each worker of the web program serves: Recoup's WSGI application behind its gate. The log is set up here too."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from recoup.config import log as logs

logs.set_up("web")

from recoup.config.programs import signing  # noqa: E402 - the log is set up before anything can write to it
from recoup.config.programs.web import THREADS  # noqa: E402
from recoup.config.programs.web_gate import Gate  # noqa: E402
from recoup.config.programs.web_pulse import Pulse  # noqa: E402
from recoup.config.wsgi import application as recoup  # noqa: E402
from recoup.kernel import memory  # noqa: E402

pulse = Pulse(recoup, threads=THREADS)
if directory := os.environ.get("RECOUP_HEARTBEAT_DIR"):
    pulse.start(Path(directory))
signing.keep_saying("web", "pages", is_moving=lambda: pulse.is_moving(now=time.monotonic()))
application = Gate(pulse, threads=THREADS)

# Sixteen threads wait for one that writes for all of them: let it work, instead of asking it every 5 ms to step aside.
sys.setswitchinterval(0.02)
memory.settle()

__all__ = ["application"]
