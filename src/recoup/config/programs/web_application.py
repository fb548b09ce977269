"""What each worker of the web program serves: Recoup's WSGI application behind its gate. The log is set up here too."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from recoup.config import log as logs

logs.set_up("web")

from recoup.config.programs.web import THREADS  # noqa: E402 - the log is set up before anything can write to it
from recoup.config.programs.web_gate import Gate  # noqa: E402
from recoup.config.programs.web_pulse import Pulse  # noqa: E402
from recoup.config.wsgi import application as recoup  # noqa: E402

pulse = Pulse(recoup, threads=THREADS)
if directory := os.environ.get("RECOUP_HEARTBEAT_DIR"):
    pulse.start(Path(directory))
application = Gate(pulse, threads=THREADS)

# Sixteen threads wait for one that writes for all of them: let it work, instead of asking it every 5 ms to step aside.
sys.setswitchinterval(0.02)
# What is loaded now stays for good: the collector need not look at it again and again.
gc.collect()
gc.freeze()

__all__ = ["application"]
